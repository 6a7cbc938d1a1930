// SPDX-License-Identifier: Apache-2.0
// The types that a setting may have besides bool, integers, double and std::string.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "base/ip_network.h"
#include "base/log.h"

namespace aquatic::config {

// The words of an enumeration, in the order of its enumerators from 0 on. Each enumeration that a
// setting has specialises this once, beside its own declaration where that may include config.
template <class Enum>
inline constexpr std::array<std::string_view, 0> kWords{};

template <>
inline constexpr std::array<std::string_view, 6> kWords<log::Level> = {"off",  "error", "warn",
                                                                       "info", "debug", "trace"};
template <>
inline constexpr std::array<std::string_view, 2> kWords<log::Format> = {"text", "json"};

enum class Families : std::uint8_t { ipv4, ipv6, either };

// An endpoint whose family is part of the setting's type.
template <Families kFamilies>
struct EndpointOf : Endpoint {
  // For defaults and tests. Requires: `text` has the right form and family.
  EndpointOf(const char* text);  // NOLINT(google-explicit-constructor): a default is a text.

  // Reads "a.b.c.d:port" or "[v6]:port".
  static std::optional<EndpointOf> parse(std::string_view text);
  // What parse() reads, as the end of "… must be".
  static std::string form();

 private:
  explicit EndpointOf(const Endpoint& endpoint) : Endpoint(endpoint) {}
};

using Ipv4Endpoint = EndpointOf<Families::ipv4>;
using Ipv6Endpoint = EndpointOf<Families::ipv6>;
using AnyEndpoint = EndpointOf<Families::either>;

// A list of networks, written as one text.
struct Networks : IpNetworks {
  // For defaults and tests. Requires: parse() takes `text`.
  Networks(const char* text);  // NOLINT(google-explicit-constructor): a default is a text.

  // Reads networks in CIDR notation with commas and spaces between them; empty text is none.
  static std::optional<Networks> parse(std::string_view text);
  static std::string form();

 private:
  explicit Networks(IpNetworks list) : IpNetworks(std::move(list)) {}
};

// A list of texts without commas, written as one.
struct Texts {
  std::vector<std::string> items;

  Texts() = default;
  // For defaults and tests.
  Texts(const char* text);  // NOLINT(google-explicit-constructor): a default is a text.

  // Reads texts with commas, and spaces if one likes, between them; empty text is none.
  static std::optional<Texts> parse(std::string_view text);
  static std::string form();
  std::string to_string() const;
};

// Bytes that only the operator knows, or none. Written as hexadecimal digits; never printed.
struct Secret {
  static constexpr std::size_t kBytes = 32;

  std::optional<std::array<std::byte, kBytes>> bytes;

  // Reads 64 hexadecimal digits, or nothing at all for no secret.
  static std::optional<Secret> parse(std::string_view hex);
  static std::string form();
  // Tells whether there is a secret, not what it is.
  std::string to_string() const;
};

}  // namespace aquatic::config
