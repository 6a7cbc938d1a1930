// SPDX-License-Identifier: Apache-2.0
#include "server/stream/stream_statistics.h"

namespace aquatic::server {

void StreamStatistics::append(std::string& report, const CounterSums<StreamMetric>& sums,
                              ReportTimer::Time now) {
  using enum StreamMetric;
  const Rates<StreamMetric> rates(sums, last_sums_, timer_.lap(now));
  report += "connections\n";
  append_total(report, "open", sums.of(open));
  append_rate(report, 2, "Mbit/s in", rates.of(received_bytes) * 8 / kBitsPerMegabit);
  append_rate(report, 2, "Mbit/s out", rates.of(sent_bytes) * 8 / kBitsPerMegabit);
  append_rate(report, 2, "accepted/s", rates.of(accepted));
  append_rate(report, 4, "refused", rates.of(refused));
  append_rate(report, 2, "no descriptor/s", rates.of(accept_failures));
  append_rate(report, 2, "TLS handshakes/s", rates.of(handshakes));
  append_rate(report, 4, "resumed", rates.of(resumed_handshakes));
  append_rate(report, 2, "TLS failures/s", rates.of(failed_handshakes));
  append_rate(report, 2, "bad PROXY headers/s", rates.of(bad_proxy_headers));
  append_rate(report, 2, "too much input/s", rates.of(input_overflows));
  append_rate(report, 2, "broken/s", rates.of(resets));
  append_rate(report, 2, "too slow/s",
              rates.of(handshake_timeouts) + rates.of(message_timeouts) + rates.of(write_timeouts));
  append_rate(report, 4, "handshake", rates.of(handshake_timeouts));
  append_rate(report, 4, "request", rates.of(message_timeouts));
  append_rate(report, 4, "response", rates.of(write_timeouts));
  append_rate(report, 2, "idle/s", rates.of(idle_timeouts));
  last_sums_ = sums;
}

}  // namespace aquatic::server
