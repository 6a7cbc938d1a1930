// SPDX-License-Identifier: Apache-2.0
// `aquatic doctor`: what an operator should see to, worst first.
#pragma once
#include <string>

#include "server/doctor/checks.h"
#include "server/run/run_config.h"

namespace aquatic::server {

// The findings for people: a line for what it is, and below it what to do.
std::string to_text(const Findings& findings);

// Prints them. Throws std::runtime_error where something will not work.
void run_doctor(const RunConfig& config);

}  // namespace aquatic::server
