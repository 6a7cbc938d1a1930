// SPDX-License-Identifier: Apache-2.0
// What a worker counts of its connections, whatever is spoken on them and whatever their IP
// version; see net::StreamCounters.
#pragma once
#include "metrics/counters.h"

namespace aquatic::server {

enum class StreamMetric {
  accepted,
  accept_failures,
  refused,
  open,
  received_bytes,
  sent_bytes,
  handshakes,
  resumed_handshakes,
  failed_handshakes,
  bad_proxy_headers,
  input_overflows,
  resets,
  delivered,
  undelivered,
  handshake_timeouts,
  message_timeouts,
  idle_timeouts,
  write_timeouts,
  count,
};

using StreamMetrics = metrics::Counters<StreamMetric>;

}  // namespace aquatic::server
