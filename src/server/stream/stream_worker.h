// SPDX-License-Identifier: Apache-2.0
// What a worker thread of a TCP tracker does: serve its streams, and say what it counted.
#pragma once
#include <chrono>

#include "base/snapshot.h"
#include "net/stream_server.h"
#include "process/watched_token.h"
#include "server/stream/stream_metrics.h"

namespace aquatic::server {

// How long requests that have begun may take after a stop, before they are cut off: long enough
// for whoever is not trying to hold it up, and well below process::Workers::kStopLimit.
inline constexpr std::chrono::seconds kDrainLimit{5};

// Until `stop` is requested, which is noticed within a quarter of a second; then lets the requests
// that have begun come to their end. New `limits` hold at once. Runs on the thread that owns
// `server` and `metrics`.
void run_stream_worker(net::StreamServer& server, const Snapshot<net::Deadlines::Limits>& limits,
                       StreamMetrics& metrics, const process::WatchedToken& stop);

}  // namespace aquatic::server
