// SPDX-License-Identifier: Apache-2.0
// Settings that were read again, beside those in force: what is new, and what of it has to wait for
// the next start.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"

namespace aquatic::config {

// A line each, such as "udp.max_response_peers is 50 now, after 30". Secrets are not shown.
struct Changes {
  std::vector<std::string> adopted;
  std::vector<std::string> put_off;  // "network.tcp_backlog stays 1024: a restart makes it 4096".
};

// `fixed` are settings, or whole sections, that only a restart can change: in `fresh` they get the
// value that is in force. Requires: both are of the same type of config.
Changes adopt(const Sections& in_force, Sections fresh, std::span<const std::string_view> fixed);

}  // namespace aquatic::config
