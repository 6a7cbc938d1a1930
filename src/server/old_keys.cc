// SPDX-License-Identifier: Apache-2.0
#include "server/old_keys.h"

#include "base/endpoint.h"

namespace aquatic::server {
namespace {

using config::Keys;

template <class T>
const T* find(const Keys& file, std::string_view key) {
  const auto entry = file.find(key);
  return entry == file.end() ? nullptr : std::get_if<T>(&entry->second);
}

Keys cleaning_interval_of_interval(const Keys& file) {
  return {{"cleaning.torrent_cleaning_interval", file.at("cleaning.interval")}};
}

Keys enable_tls_of_use_tls(const Keys& file) {
  return {{"network.enable_tls", file.at("network.use_tls")}};
}

constexpr std::string_view kNoSuccessor = "it has no successor; remove it";

}  // namespace

// The IPv6 wildcard served IPv4 too, unless `only_ipv6` was set, `ipv6_only` before 2022.
Keys split_address(const Keys& file) {
  const auto* text = find<std::string>(file, "network.address");
  if (!text) return {{"network.address_ipv4", file.at("network.address")}};
  const auto endpoint = Endpoint::parse(*text);
  if (!endpoint || endpoint->ip.is_v4()) {
    return {{"network.address_ipv4", *text}, {"network.use_ipv6", false}};
  }
  const bool* only_ipv6 = find<bool>(file, "network.only_ipv6");
  if (!only_ipv6) only_ipv6 = find<bool>(file, "network.ipv6_only");
  const bool serves_ipv4 = endpoint->ip.is_unspecified() && !(only_ipv6 && *only_ipv6);
  Keys keys = {{"network.address_ipv6", *text}, {"network.use_ipv4", serves_ipv4}};
  if (serves_ipv4) {
    keys.emplace("network.address_ipv4", Endpoint{IpAddress(), endpoint->port}.to_string());
  }
  return keys;
}

std::vector<config::OldKey> with_old_stream_keys(std::vector<config::OldKey> own) {
  const std::vector<config::OldKey> shared = {
      // 1 was the default, so that it is in files whose owners never thought of it.
      {"swarm_workers", kOneKindOfWorker, nullptr, std::int64_t{1}},
      {"request_workers", kOneKindOfWorker},
      {"handlers", kOneKindOfWorker},
      kOldAddress,
      kOldOnlyIpv6,
      {"network.ipv6_only", "use network.use_ipv4 and network.set_only_ipv6"},
      {"network.poll_event_capacity", kNoSuccessor},
      {"network.poll_timeout_microseconds", kNoSuccessor},
      {"network.poll_timeout_milliseconds", kNoSuccessor},
      {"network.use_tls", "use network.enable_tls", enable_tls_of_use_tls},
      {"network.tls_pkcs12_path",
       "use PEM files, network.tls_certificate_path and network.tls_private_key_path"},
      {"network.tls_pkcs12_password", "keys are not encrypted; remove it"},
      {"cleaning.interval", "use cleaning.torrent_cleaning_interval",
       cleaning_interval_of_interval},
      {"metrics.torrent_count_update_interval", "it has no effect; remove it", nullptr,
       std::int64_t{10}},
      kOldCpuPinning,
  };
  own.insert(own.end(), shared.begin(), shared.end());
  return own;
}

}  // namespace aquatic::server
