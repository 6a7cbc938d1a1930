// SPDX-License-Identifier: Apache-2.0
// What a worker thread of the UDP tracker does: receive a batch, handle it, send the responses.
#pragma once
#include "base/clock.h"
#include "base/snapshot.h"
#include "net/datagram_socket.h"
#include "process/watched_token.h"
#include "server/udp/udp_handler.h"

namespace aquatic::server {

// Until `stop` is requested, which is noticed within a quarter of a second. The responses of the
// last batch are on their way when it returns. Runs on the thread that owns `socket`, `handler` and
// `metrics`, which are those of the handler. New `options` hold from the next batch on.
void run_udp_worker(net::DatagramSocket& socket, UdpHandler& handler,
                    const Snapshot<UdpHandlerOptions>& options, const Clock& clock,
                    UdpMetrics& metrics, Timing timing, const process::WatchedToken& stop);

}  // namespace aquatic::server
