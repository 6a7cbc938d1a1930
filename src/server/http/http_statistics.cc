// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_statistics.h"

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

}  // namespace

std::string HttpStatistics::report(std::span<const HttpMetrics* const> workers,
                                   std::span<const FamilyTotals> families, Time now) {
  return families_.report(
      "HTTP", workers, families, now,
      [](std::string& text, Family, const auto&, const auto& rates) { append_rates(text, rates); });
}

}  // namespace aquatic::server
