// SPDX-License-Identifier: Apache-2.0
// What became of the settings that aquatic_http had in 2020 to 2026 and has no more.
#include <array>

#include "server/http_config.h"
#include "server/old_keys.h"

namespace aquatic::server {
namespace {

using config::Keys;
using config::OldKey;

Keys cleaning_interval_of_interval(const Keys& file) {
  return {{"cleaning.torrent_cleaning_interval", file.at("cleaning.interval")}};
}

Keys enable_tls_of_use_tls(const Keys& file) {
  return {{"network.enable_tls", file.at("network.use_tls")}};
}

// Both were about connections without requests.
Keys idle_limit_of_age(const Keys& file) {
  return {{"cleaning.max_connection_idle", file.at("cleaning.max_connection_age")}};
}

constexpr std::string_view kNoSuccessor = "it has no successor; remove it";

const std::array kOldKeys = {
    // 1 and 60 were the defaults, so that they are in files whose owners never thought of them.
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
    OldKey{"cleaning.connection_cleaning_interval",
           "idle connections are closed when it is time; remove it", nullptr, std::int64_t{60}},
    OldKey{"cleaning.interval", "use cleaning.torrent_cleaning_interval",
           cleaning_interval_of_interval},
    OldKey{"cleaning.max_connection_age", "use cleaning.max_connection_idle", idle_limit_of_age},
    kOldCpuPinning,
};

}  // namespace

std::span<const config::OldKey> old_keys(const HttpConfig&) { return kOldKeys; }

}  // namespace aquatic::server
