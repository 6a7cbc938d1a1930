// SPDX-License-Identifier: Apache-2.0
#include "base/ip_network.h"

#include <algorithm>
#include <charconv>

namespace aquatic {
namespace {

unsigned bits_of(const IpAddress& ip) noexcept {
  return static_cast<unsigned>(8 * ip.bytes().size());
}

std::optional<unsigned> parse_length(std::string_view text) noexcept {
  unsigned length = 0;
  const char* const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, length);
  if (error != std::errc() || end != text_end) return std::nullopt;
  return length;
}

// Whether two addresses of one family begin with the same `count` bits.
bool agree(std::span<const std::byte> a, std::span<const std::byte> b, unsigned count) noexcept {
  const std::size_t whole_bytes = count / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole_bytes), b.begin())) {
    return false;
  }
  if (count % 8 == 0) return true;
  const auto mask = static_cast<std::byte>(0xff << (8 - count % 8));
  return ((a[whole_bytes] ^ b[whole_bytes]) & mask) == std::byte{0};
}

bool has_bits_after(std::span<const std::byte> bytes, unsigned count) noexcept {
  for (unsigned bit = count; bit < 8 * bytes.size(); ++bit) {
    if ((bytes[bit / 8] & (std::byte{0x80} >> (bit % 8))) != std::byte{0}) return true;
  }
  return false;
}

}  // namespace

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned bits = bits_of(*address);
  if (slash == std::string_view::npos) return IpNetwork{*address, bits};

  auto length = parse_length(text.substr(slash + 1));
  if (!length) return std::nullopt;
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8: an IpAddress is kept as IPv4 where it can be.
  const bool is_mapped = address->is_v4() && text.find(':') != std::string_view::npos;
  constexpr unsigned kMappedPrefixBits = 96;
  if (is_mapped) {
    if (*length < kMappedPrefixBits) return std::nullopt;
    *length -= kMappedPrefixBits;
  }
  if (*length > bits || has_bits_after(address->bytes(), *length)) return std::nullopt;
  return IpNetwork{*address, *length};
}

std::string IpNetwork::to_string() const {
  return address.to_string() + "/" + std::to_string(prefix_length);
}

bool IpNetwork::contains(const IpAddress& ip) const noexcept {
  return ip.family() == address.family() && agree(ip.bytes(), address.bytes(), prefix_length);
}

std::optional<IpNetworks> IpNetworks::parse(std::string_view text) {
  constexpr std::string_view kSeparators = ", ";
  IpNetworks result;
  for (;;) {
    const std::size_t begin = text.find_first_not_of(kSeparators);
    if (begin == std::string_view::npos) return result;
    text.remove_prefix(begin);
    const std::size_t length = std::min(text.find_first_of(kSeparators), text.size());
    const auto network = IpNetwork::parse(text.substr(0, length));
    if (!network) return std::nullopt;
    result.networks.push_back(*network);
    text.remove_prefix(length);
  }
}

std::string IpNetworks::to_string() const {
  std::string text;
  for (const IpNetwork& network : networks) {
    if (!text.empty()) text += ", ";
    text += network.to_string();
  }
  return text;
}

bool IpNetworks::contain(const IpAddress& ip) const noexcept {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const IpNetwork& network) { return network.contains(ip); });
}

}  // namespace aquatic
