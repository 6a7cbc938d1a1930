// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_statistics.h"

namespace aquatic::server {
namespace {

void append_rates(std::string& report, const Rates<WsMetric>& rates) {
  using enum WsMetric;
  append_rate(report, 2, "requests/s",
              rates.of(announce_requests) + rates.of(answer_requests) + rates.of(scrape_requests) +
                  rates.of(bad_messages));
  append_rate(report, 4, "announce", rates.of(announce_requests));
  append_rate(report, 4, "answer", rates.of(answer_requests));
  append_rate(report, 4, "scrape", rates.of(scrape_requests));
  append_rate(report, 4, "bad", rates.of(bad_messages));
  append_rate(
      report, 2, "responses/s",
      rates.of(announce_responses) + rates.of(scrape_responses) + rates.of(failure_responses));
  append_rate(report, 4, "announce", rates.of(announce_responses));
  append_rate(report, 4, "scrape", rates.of(scrape_responses));
  append_rate(report, 4, "failure", rates.of(failure_responses));
  append_rate(report, 2, "offers/s", rates.of(offers));
  append_rate(report, 2, "answers/s", rates.of(answers));
  append_rate(report, 4, "to peers who are gone", rates.of(unknown_receivers));
  append_rate(report, 2, "pings/s", rates.of(pings));
  append_rate(report, 2, "upgrades/s", rates.of(upgrades));
  append_rate(report, 4, "refused", rates.of(refused_upgrades) + rates.of(refused_origins));
  append_rate(report, 2, "closed/s", rates.of(closed));
  append_rate(report, 4, "idle", rates.of(idle_closes));
  append_rate(report, 4, "dead", rates.of(dead_peers));
  append_rate(report, 4, "slow", rates.of(slow_receivers));
  append_rate(report, 4, "bad frames", rates.of(frame_errors));
  append_rate(report, 4, "bad messages", rates.of(bad_message_closes));
}

}  // namespace

std::string WsStatistics::report(std::span<const WsMetrics* const> workers,
                                 std::span<const FamilyTotals> families, Time now) {
  return families_.report("WebTorrent", workers, families, now,
                          [](std::string& text, Family, const auto& sums, const auto& rates) {
                            append_total(text, "connections",
                                         sums.of(WsMetric::upgrades) - sums.of(WsMetric::closed));
                            append_rates(text, rates);
                          });
}

}  // namespace aquatic::server
