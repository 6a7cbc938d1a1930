// SPDX-License-Identifier: Apache-2.0
#include "server/udp_statistics.h"

#include <fmt/format.h>

#include <algorithm>

namespace aquatic::server {
namespace {

// What the wire carries beside the payload: an IP and a UDP header.
constexpr double header_bytes(Family family) { return (family == Family::ipv4 ? 20 : 40) + 8; }

constexpr double kBitsPerMegabit = 1e6;

// What was counted in `seconds`.
class Rates {
 public:
  template <class Sums>
  Rates(const Sums& sums, const Sums& last_sums, double seconds) : seconds_(seconds) {
    for (std::size_t i = 0; i < sums.size(); ++i) counted_[i] = sums[i] - last_sums[i];
  }

  double of(UdpMetric metric) const {
    return static_cast<double>(counted_[static_cast<std::size_t>(metric)]) / seconds_;
  }

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(UdpMetric::count)> counted_{};
  double seconds_;
};

std::string format_rates(Family family, const Rates& rates) {
  using enum UdpMetric;
  const double responses = rates.of(connect_responses) + rates.of(announce_responses) +
                           rates.of(scrape_responses) + rates.of(error_responses);
  const double datagrams_in = rates.of(requests) + rates.of(malformed);
  const auto megabits = [&](double bytes, double datagrams) {
    return (bytes + datagrams * header_bytes(family)) * 8 / kBitsPerMegabit;
  };
  std::string text;
  const auto line = [&](int indent, std::string_view name, double value) {
    text += fmt::format("{:{}}{:<{}}{:>14.2f}\n", "", indent, name, 28 - indent, value);
  };
  line(2, "Mbit/s in", megabits(rates.of(received_bytes), datagrams_in));
  line(2, "Mbit/s out", megabits(rates.of(sent_bytes), responses));
  line(2, "requests/s", rates.of(requests));
  line(4, "wrong connection id", rates.of(bad_connection_ids));
  line(2, "malformed/s", rates.of(malformed));
  line(2, "responses/s", responses);
  line(4, "connect", rates.of(connect_responses));
  line(4, "announce", rates.of(announce_responses));
  line(4, "scrape", rates.of(scrape_responses));
  line(4, "error", rates.of(error_responses));
  return text;
}

}  // namespace

std::string UdpStatistics::report(std::span<const UdpMetrics* const> workers,
                                  std::span<const Family> families, std::size_t access_list_entries,
                                  Time now) {
  // Two reports in the same moment would divide by zero.
  const double seconds = std::max(1e-3, std::chrono::duration<double>(now - last_report_).count());
  last_report_ = now;

  std::string text = fmt::format("access list entries: {}\n", access_list_entries);
  for (const auto& [family, totals] : families) {
    Sums sums{};
    for (const UdpMetrics* worker : workers) {
      for (std::size_t i = 0; i < sums.size(); ++i) {
        sums[i] += worker->of(family).get(static_cast<UdpMetric>(i));
      }
    }
    Sums& last_sums = last_sums_[static_cast<std::size_t>(family)];
    text += family == aquatic::Family::ipv4 ? "IPv4\n" : "IPv6\n";
    text += format_rates(family, Rates(sums, last_sums, seconds));
    text += fmt::format("  {:<26}{:>11}\n", "torrents", totals.torrents);
    text += fmt::format("  {:<26}{:>11}\n", "peers", totals.peers);
    last_sums = sums;
  }
  return text;
}

}  // namespace aquatic::server
