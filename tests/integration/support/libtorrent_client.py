# SPDX-License-Identifier: Apache-2.0
"""A small BitTorrent client on libtorrent, run as a process of its own.

    libtorrent_client.py TORRENT FOLDER LISTEN_ADDRESS

Prints its progress in percent whenever it changes, and each tracker error; ends with SIGTERM.
"""

import signal
import sys
import time

import libtorrent

_ALERT_WAIT_MS = 200
# libtorrent asks a UDP tracker once a minute at most, whatever interval it is told; a seeder that
# came first and has to call the leecher would do so a minute late.
_ANNOUNCE_INTERVAL_S = 2


def session_settings(listen_address):
    return {
        "listen_interfaces": f"{listen_address}:0",
        # The tracker is to be the only source of peers.
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        # Where uTP is refused, TCP would be tried a minute later.
        "enable_outgoing_utp": False,
        "enable_incoming_utp": False,
        # Both clients and the tracker share one loopback address.
        "allow_multiple_connections_per_ip": True,
        "ssrf_mitigation": False,
        "alert_mask": libtorrent.alert.category_t.error_notification
                      | libtorrent.alert.category_t.tracker_notification
                      | libtorrent.alert.category_t.status_notification,
    }


def main():
    torrent_path, folder, listen_address = sys.argv[1:]
    session = libtorrent.session(session_settings(listen_address))
    handle = session.add_torrent({
        "ti": libtorrent.torrent_info(torrent_path),
        "save_path": folder,
        "flags": libtorrent.torrent_flags.disable_dht | libtorrent.torrent_flags.disable_lsd
                 | libtorrent.torrent_flags.disable_pex,
    })
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    shown = None
    announced_at = time.monotonic()
    while not stop:
        if time.monotonic() - announced_at > _ANNOUNCE_INTERVAL_S:
            announced_at = time.monotonic()
            handle.force_reannounce(0, -1, libtorrent.reannounce_flags_t.ignore_min_interval)
        session.wait_for_alert(_ALERT_WAIT_MS)
        for alert in session.pop_alerts():
            if isinstance(alert, libtorrent.tracker_error_alert):
                print(alert.message(), file=sys.stderr, flush=True)
        status = handle.status()
        checked = status.state not in (libtorrent.torrent_status.checking_files,
                                       libtorrent.torrent_status.checking_resume_data)
        percent = int(status.progress * 100) if checked else None
        if percent is not None and percent != shown:
            print(f"progress {percent}", flush=True)
            shown = percent


if __name__ == "__main__":
    main()
