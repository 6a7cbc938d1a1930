// SPDX-License-Identifier: Apache-2.0
#include "server/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace aquatic::server {
namespace {

constexpr int kNameColumns = 28;

}  // namespace

double ReportTimer::lap(Time now) noexcept {
  const double seconds = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  return std::max(1e-3, seconds);
}

void append_rate(std::string& report, int indent, std::string_view name, double rate) {
  fmt::format_to(std::back_inserter(report), "{:{}}{:<{}}{:>14.2f}\n", "", indent, name,
                 kNameColumns - indent, rate);
}

void append_total(std::string& report, std::string_view name, std::uint64_t total) {
  fmt::format_to(std::back_inserter(report), "  {:<{}}{:>11}\n", name, kNameColumns - 2, total);
}

std::string_view name_of(Family family) noexcept {
  return family == Family::ipv4 ? "IPv4" : "IPv6";
}

}  // namespace aquatic::server
