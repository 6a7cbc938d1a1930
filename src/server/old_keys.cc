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

}  // namespace aquatic::server
