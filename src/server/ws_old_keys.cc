// SPDX-License-Identifier: Apache-2.0
// What became of the settings that aquatic_ws had in 2020 to 2026 and has no more.
#include <algorithm>
#include <array>

#include "server/old_keys.h"
#include "server/ws_config.h"

namespace aquatic::server {
namespace {

using config::Keys;
using config::OldKey;

// Three times as much was what a connection could have outstanding.
Keys output_limit_of_write_buffer(const Keys& file) {
  constexpr std::int64_t kLeast = 16'384;
  const auto* bytes = std::get_if<std::int64_t>(&file.at("network.websocket_write_buffer_size"));
  if (bytes == nullptr) return {};
  return {{"limits.max_output_bytes", std::max(kLeast, 3 * *bytes)}};
}

Keys cleaning_interval_of_interval(const Keys& file) {
  return {{"cleaning.torrent_cleaning_interval", file.at("cleaning.interval")}};
}

Keys enable_tls_of_use_tls(const Keys& file) {
  return {{"network.enable_tls", file.at("network.use_tls")}};
}

constexpr std::string_view kNoSuccessor = "it has no successor; remove it";

const std::array kOldKeys = {
    // What stands last in a row was the default, so that it is in files whose owners never thought
    // of it.
    OldKey{"swarm_workers", kOneKindOfWorker, nullptr, std::int64_t{1}},
    OldKey{"request_workers", kOneKindOfWorker},
    OldKey{"handlers", kOneKindOfWorker},
    kOldAddress,
    kOldOnlyIpv6,
    OldKey{"network.ipv6_only", "use network.use_ipv4 and network.set_only_ipv6"},
    OldKey{"network.poll_event_capacity", kNoSuccessor},
    OldKey{"network.poll_timeout_microseconds", kNoSuccessor},
    OldKey{"network.poll_timeout_milliseconds", kNoSuccessor},
    OldKey{"network.use_tls", "use network.enable_tls", enable_tls_of_use_tls},
    OldKey{"network.tls_pkcs12_path",
           "use PEM files, network.tls_certificate_path and network.tls_private_key_path"},
    OldKey{"network.tls_pkcs12_password", "keys are not encrypted; remove it"},
    OldKey{"network.websocket_write_buffer_size", "use limits.max_output_bytes",
           output_limit_of_write_buffer, std::int64_t{8192}},
    OldKey{"network.enable_http_health_checks", "GET /health is always answered; remove it",
           nullptr, false},
    OldKey{"cleaning.connection_cleaning_interval",
           "idle connections are closed when it is time; remove it", nullptr, std::int64_t{30}},
    OldKey{"cleaning.interval", "use cleaning.torrent_cleaning_interval",
           cleaning_interval_of_interval},
    OldKey{"cleaning.close_after_tls_update_grace_period",
           "connections outlive the certificate that they began with; remove it", nullptr,
           std::int64_t{216'000}},
    kOldCpuPinning,
};

}  // namespace

std::span<const config::OldKey> old_keys(const WsConfig&) { return kOldKeys; }

}  // namespace aquatic::server
