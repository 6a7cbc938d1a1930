// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_statistics.h"

namespace aquatic::server {
namespace {

// What the wire carries beside the payload: an IP and a UDP header.
constexpr double header_bytes(Family family) { return (family == Family::ipv4 ? 20 : 40) + 8; }

void append_rates(std::string& report, Family family, const Rates<UdpMetric>& rates) {
  using enum UdpMetric;
  const double responses = rates.of(connect_responses) + rates.of(announce_responses) +
                           rates.of(scrape_responses) + rates.of(error_responses);
  const double datagrams_in = rates.of(requests) + rates.of(malformed);
  const auto megabits = [&](double bytes, double datagrams) {
    return (bytes + datagrams * header_bytes(family)) * 8 / kBitsPerMegabit;
  };
  append_rate(report, 2, "Mbit/s in", megabits(rates.of(received_bytes), datagrams_in));
  append_rate(report, 2, "Mbit/s out", megabits(rates.of(sent_bytes), responses));
  append_rate(report, 2, "requests/s", rates.of(requests));
  append_rate(report, 4, "wrong connection id", rates.of(bad_connection_ids));
  append_rate(report, 2, "malformed/s", rates.of(malformed));
  append_rate(report, 2, "responses/s", responses);
  append_rate(report, 4, "connect", rates.of(connect_responses));
  append_rate(report, 4, "announce", rates.of(announce_responses));
  append_rate(report, 4, "scrape", rates.of(scrape_responses));
  append_rate(report, 4, "error", rates.of(error_responses));
}

}  // namespace

std::string UdpStatistics::report(std::span<const UdpMetrics* const> workers,
                                  std::span<const FamilyTotals> families, Time now) {
  return families_.report("UDP", workers, families, now,
                          [](std::string& text, Family family, const auto&, const auto& rates) {
                            append_rates(text, family, rates);
                          });
}

}  // namespace aquatic::server
