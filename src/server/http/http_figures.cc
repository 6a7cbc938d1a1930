// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_figures.h"

namespace aquatic::server {
namespace {

using FamilyCounters = metrics::Counters<HttpMetric>;

ActionCounts responses_of(const FamilyCounters& counters) noexcept {
  ActionCounts counts{};
  at(counts, Action::announce) = counters.get(HttpMetric::announce_responses);
  at(counts, Action::scrape) = counters.get(HttpMetric::scrape_responses);
  at(counts, Action::error) =
      counters.get(HttpMetric::failure_responses) + counters.get(HttpMetric::error_responses);
  return counts;
}

}  // namespace

ActionCounts responses_of(const HttpMetrics& metrics) noexcept {
  return responses_of(metrics.of(Family::ipv4)) + responses_of(metrics.of(Family::ipv6));
}

void add_figures(const HttpMetrics& metrics, std::uint32_t number, Figures& figures) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const FamilyCounters& counters = metrics.of(family);
    TrafficFigures traffic{.protocol = Protocol::http, .family = family, .worker = number};
    at(traffic.requests, Action::announce) = counters.get(HttpMetric::announce_requests);
    at(traffic.requests, Action::scrape) = counters.get(HttpMetric::scrape_requests);
    traffic.responses = responses_of(counters);
    figures.traffic.push_back(traffic);
    figures.add_trouble("http_error_responses", "Requests that no tracker client would send.",
                        counters.get(HttpMetric::error_responses));
    figures.add_trouble("http_proxy_errors",
                        "Requests of which a trusted proxy did not say whose they are.",
                        counters.get(HttpMetric::proxy_errors));
  }
}

}  // namespace aquatic::server
