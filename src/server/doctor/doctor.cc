// SPDX-License-Identifier: Apache-2.0
#include "server/doctor/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "process/entry.h"

namespace aquatic::server {
namespace {

constexpr std::array<std::string_view, 3> kSeverities = {"broken", "risk", "hint"};

}  // namespace

std::string to_text(const Findings& findings) {
  if (findings.empty()) return "Nothing to be said against it.\n";
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{:<7} {}\n", kSeverities[static_cast<std::size_t>(finding.severity)],
                        finding.what);
    std::istringstream remedy(finding.remedy);
    for (std::string line; std::getline(remedy, line);) text += fmt::format("{:8}{}\n", "", line);
  }
  return text;
}

void run_doctor(const RunConfig& config) {
  const Findings findings = examine(config, Machine());
  process::print(to_text(findings));
  const auto count = std::ranges::count(findings, Finding::Severity::broken, &Finding::severity);
  if (count > 0) throw std::runtime_error(fmt::format("{} of this will not work", count));
}

}  // namespace aquatic::server
