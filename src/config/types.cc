// SPDX-License-Identifier: Apache-2.0
#include "config/types.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"

namespace aquatic::config {
namespace {

bool takes(Families families, Family family) {
  if (families == Families::either) return true;
  return (families == Families::ipv4) == (family == Family::ipv4);
}

}  // namespace

template <Families kFamilies>
EndpointOf<kFamilies>::EndpointOf(const char* text) {
  const auto endpoint = parse(text);
  CHECK(endpoint.has_value());
  *this = *endpoint;
}

template <Families kFamilies>
std::optional<EndpointOf<kFamilies>> EndpointOf<kFamilies>::parse(std::string_view text) {
  const auto endpoint = Endpoint::parse(text);
  if (!endpoint || !takes(kFamilies, endpoint->ip.family())) return std::nullopt;
  return EndpointOf(*endpoint);
}

template <Families kFamilies>
std::string EndpointOf<kFamilies>::form() {
  switch (kFamilies) {
    case Families::ipv4: return R"(an IPv4 address and a port, such as "127.0.0.1:3000")";
    case Families::ipv6: return R"(an IPv6 address and a port, such as "[::1]:3000")";
    case Families::either: break;
  }
  return R"(an address and a port, such as "127.0.0.1:3000" or "[::1]:3000")";
}

template struct EndpointOf<Families::ipv4>;
template struct EndpointOf<Families::ipv6>;
template struct EndpointOf<Families::either>;

Networks::Networks(const char* text) {
  auto parsed = parse(text);
  CHECK(parsed.has_value());
  *this = *std::move(parsed);
}

std::optional<Networks> Networks::parse(std::string_view text) {
  auto parsed = IpNetworks::parse(text);
  if (!parsed) return std::nullopt;
  return Networks(*std::move(parsed));
}

std::string Networks::form() {
  return R"(networks with commas between them, such as "10.0.0.0/8, fc00::/7")";
}

Texts::Texts(const char* text) { *this = *parse(text); }

std::optional<Texts> Texts::parse(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  Texts texts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    item.remove_prefix(std::min(item.find_first_not_of(kSpace), item.size()));
    item = item.substr(0, item.find_last_not_of(kSpace) + 1);
    if (!item.empty()) texts.items.emplace_back(item);
  }
  return texts;
}

std::string Texts::form() { return R"(texts with commas between them, such as "a, b")"; }

std::string Texts::to_string() const {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

std::optional<Secret> Secret::parse(std::string_view hex) {
  if (hex.empty()) return Secret{};
  if (hex.size() != 2 * kBytes) return std::nullopt;
  std::array<std::byte, kBytes> bytes;
  for (std::size_t i = 0; i < kBytes; ++i) {
    const char* const digits = hex.data() + 2 * i;
    std::uint8_t value = 0;
    const auto [end, error] = std::from_chars(digits, digits + 2, value, 16);
    if (error != std::errc() || end != digits + 2) return std::nullopt;
    bytes[i] = static_cast<std::byte>(value);
  }
  return Secret{bytes};
}

std::string Secret::form() { return "64 hexadecimal digits in quotes, or an empty text"; }

std::string Secret::to_string() const { return bytes ? "(not shown)" : ""; }

}  // namespace aquatic::config
