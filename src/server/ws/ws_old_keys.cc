// SPDX-License-Identifier: Apache-2.0
// What became of the settings that aquatic_ws had in 2020 to 2026 and has no more.
#include <algorithm>
#include <vector>

#include "server/old_keys.h"
#include "server/ws/ws_config.h"

namespace aquatic::server {
namespace {

using config::Keys;

// Three times as much was what a connection could have outstanding.
Keys output_limit_of_write_buffer(const Keys& file) {
  constexpr std::int64_t kLeast = 16'384;
  const auto* bytes = std::get_if<std::int64_t>(&file.at("network.websocket_write_buffer_size"));
  if (bytes == nullptr) return {};
  return {{"limits.max_output_bytes", std::max(kLeast, 3 * *bytes)}};
}

const std::vector<config::OldKey> kOldKeys = with_old_stream_keys({
    // What stands last in a row was the default.
    {"network.websocket_write_buffer_size", "use limits.max_output_bytes",
     output_limit_of_write_buffer, std::int64_t{8192}},
    {"network.enable_http_health_checks", "GET /health is always answered; remove it", nullptr,
     false},
    {"cleaning.connection_cleaning_interval",
     "idle connections are closed when it is time; remove it", nullptr, std::int64_t{30}},
    {"cleaning.close_after_tls_update_grace_period",
     "connections outlive the certificate that they began with; remove it", nullptr,
     std::int64_t{216'000}},
});

}  // namespace

std::span<const config::OldKey> old_keys(const WsConfig&) { return kOldKeys; }

}  // namespace aquatic::server
