// SPDX-License-Identifier: Apache-2.0
// What became of the settings that aquatic_udp had in 2022 to 2025 and has no more.
#include <array>

#include "server/old_keys.h"
#include "server/udp/udp_config.h"

namespace aquatic::server {
namespace {

using config::Keys;
using config::OldKey;

// True was the default and fell back where it had to, which is what "auto" does.
Keys backend_of_io_uring(const Keys& file) {
  const auto& value = file.at("network.use_io_uring");
  const bool* use = std::get_if<bool>(&value);
  if (!use) return {{"network.io_backend", value}};
  return {{"network.io_backend", std::string(*use ? "auto" : "mmsg")}};
}

Keys ring_size_of_entries(const Keys& file) {
  return {{"network.ring_size", file.at("network.ring_entries")}};
}

Keys histograms_of_extended(const Keys& file) {
  return {{"statistics.torrent_peer_histograms", file.at("statistics.extended")}};
}

const std::array kOldKeys = {
    OldKey{"request_workers", kOneKindOfWorker},
    OldKey{"swarm_workers", kOneKindOfWorker},
    OldKey{"worker_channel_size", kOneKindOfWorker},
    OldKey{"request_channel_recv_timeout_ms", kOneKindOfWorker},
    kOldAddress,
    kOldOnlyIpv6,
    OldKey{"network.use_io_uring", "use network.io_backend", backend_of_io_uring},
    OldKey{"network.ring_entries", "use network.ring_size", ring_size_of_entries},
    OldKey{"network.poll_event_capacity", "it has no successor; remove it"},
    OldKey{"network.poll_timeout_ms", "it has no effect; remove it", nullptr, std::int64_t{50}},
    OldKey{"network.resend_buffer_max_len", "it has no effect; remove it", nullptr,
           std::int64_t{0}},
    OldKey{"network.set_reuseport_lb", "it has no effect on Linux; remove it", nullptr, true},
    OldKey{"statistics.extended", "use statistics.torrent_peer_histograms", histograms_of_extended},
    OldKey{"cleaning.pending_scrape_cleaning_interval", "it has no successor; remove it"},
    OldKey{"cleaning.max_pending_scrape_age", "it has no successor; remove it"},
    OldKey{"socket", "its keys are in [network] now"},
    kOldCpuPinning,
};

}  // namespace

std::span<const config::OldKey> old_keys(const UdpConfig&) { return kOldKeys; }

}  // namespace aquatic::server
