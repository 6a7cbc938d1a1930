// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_figures.h"

namespace aquatic::server {
namespace {

using FamilyCounters = metrics::Counters<UdpMetric>;

ActionCounts responses_of(const FamilyCounters& counters) noexcept {
  ActionCounts counts{};
  at(counts, Action::connect) = counters.get(UdpMetric::connect_responses);
  at(counts, Action::announce) = counters.get(UdpMetric::announce_responses);
  at(counts, Action::scrape) = counters.get(UdpMetric::scrape_responses);
  at(counts, Action::error) = counters.get(UdpMetric::error_responses);
  return counts;
}

}  // namespace

ActionCounts responses_of(const UdpMetrics& metrics) noexcept {
  return responses_of(metrics.of(Family::ipv4)) + responses_of(metrics.of(Family::ipv6));
}

void add_figures(const UdpMetrics& metrics, std::uint32_t number, std::span<const Family> families,
                 Figures& figures) {
  for (const Family family : families) {
    const FamilyCounters& counters = metrics.of(family);
    TrafficFigures traffic{.protocol = Protocol::udp, .family = family, .worker = number};
    at(traffic.requests, Action::any) = counters.get(UdpMetric::requests);
    traffic.responses = responses_of(counters);
    traffic.received_bytes = counters.get(UdpMetric::received_bytes);
    traffic.sent_bytes = counters.get(UdpMetric::sent_bytes);
    figures.traffic.push_back(traffic);
    figures.add_trouble("udp_malformed_datagrams", "Datagrams that are no request; not answered.",
                        counters.get(UdpMetric::malformed));
    figures.add_trouble("udp_bad_connection_ids",
                        "Requests with a forged or expired connection id; not answered.",
                        counters.get(UdpMetric::bad_connection_ids));
  }
  const auto add_of_socket = [&](std::string_view name, std::string_view help,
                                 UdpSocketMetric metric) {
    figures.add_trouble(name, help, metrics.socket.get(metric));
  };
  add_of_socket("udp_kernel_drops",
                "Datagrams that the kernel dropped: the receive buffer was full, above all.",
                UdpSocketMetric::kernel_drops);
  add_of_socket("udp_truncated_datagrams", "Datagrams longer than any request.",
                UdpSocketMetric::truncated);
  add_of_socket("udp_port_zero_datagrams", "Datagrams that cannot be answered.",
                UdpSocketMetric::port_zero);
  add_of_socket("udp_receive_errors", "Attempts to receive that failed.",
                UdpSocketMetric::receive_errors);
  add_of_socket("udp_send_errors", "Responses that the kernel did not take.",
                UdpSocketMetric::send_errors);
}

}  // namespace aquatic::server
