// SPDX-License-Identifier: Apache-2.0
#include "server/http_statistics.h"

#include <fmt/format.h>

namespace aquatic::server {
namespace {

void append_rates(std::string& report, const Rates<HttpMetric>& rates) {
  using enum HttpMetric;
  const double requests =
      rates.of(announce_requests) + rates.of(scrape_requests) + rates.of(health_requests);
  const double responses = rates.of(announce_responses) + rates.of(scrape_responses) +
                           rates.of(failure_responses) + rates.of(health_requests);
  append_rate(report, 2, "requests/s", requests);
  append_rate(report, 4, "announce", rates.of(announce_requests));
  append_rate(report, 4, "scrape", rates.of(scrape_requests));
  append_rate(report, 4, "full scrape", rates.of(full_scrape_requests));
  append_rate(report, 4, "health", rates.of(health_requests));
  append_rate(report, 2, "responses/s", responses);
  append_rate(report, 4, "announce", rates.of(announce_responses));
  append_rate(report, 4, "scrape", rates.of(scrape_responses));
  append_rate(report, 4, "failure", rates.of(failure_responses));
  append_rate(report, 2, "status 4xx and 5xx/s", rates.of(error_responses));
  append_rate(report, 2, "proxy errors/s", rates.of(proxy_errors));
}

void append_rates(std::string& report, const Rates<StreamMetric>& rates) {
  using enum StreamMetric;
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
}

}  // namespace

std::string HttpStatistics::report(std::span<const HttpMetrics* const> workers,
                                   std::span<const FamilyTotals> families,
                                   std::size_t access_list_entries, Time now) {
  const double seconds = timer_.lap(now);
  std::string text = fmt::format("access list entries: {}\n", access_list_entries);
  for (const auto& [family, totals] : families) {
    CounterSums<HttpMetric> sums;
    for (const HttpMetrics* worker : workers) sums.add(worker->of(family));
    CounterSums<HttpMetric>& last_sums = last_sums_[static_cast<std::size_t>(family)];
    text += fmt::format("{}\n", name_of(family));
    append_rates(text, {sums, last_sums, seconds});
    append_total(text, "torrents", totals.torrents);
    append_total(text, "peers", totals.peers);
    last_sums = sums;
  }

  CounterSums<StreamMetric> sums;
  for (const HttpMetrics* worker : workers) sums.add(worker->streams);
  text += "connections\n";
  append_total(text, "open", sums.of(StreamMetric::open));
  append_rates(text, {sums, last_stream_sums_, seconds});
  last_stream_sums_ = sums;
  return text;
}

}  // namespace aquatic::server
