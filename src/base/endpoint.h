// SPDX-License-Identifier: Apache-2.0
// Where a peer is: an IP address, and an address with a port.
//
// An IpAddress is canonical: an IPv4-mapped IPv6 address (::ffff:a.b.c.d, RFC 4291 §2.5.5.2) is
// always kept as IPv4, so that one peer has one identity however his datagram arrived.
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aquatic {

enum class Family : std::uint8_t { ipv4, ipv6 };

class IpAddress {
 public:
  static constexpr std::size_t kV4Bytes = 4;
  static constexpr std::size_t kV6Bytes = 16;

  // 0.0.0.0
  constexpr IpAddress() noexcept = default;

  static IpAddress v4(std::span<const std::byte, kV4Bytes> bytes) noexcept;
  // An IPv4-mapped address becomes IPv4.
  static IpAddress v6(std::span<const std::byte, kV6Bytes> bytes) noexcept;
  // Reads dotted-quad or RFC 4291 text, without brackets or zone.
  static std::optional<IpAddress> parse(std::string_view text) noexcept;

  Family family() const noexcept { return family_; }
  bool is_v4() const noexcept { return family_ == Family::ipv4; }
  // 0.0.0.0 or ::
  bool is_unspecified() const noexcept;
  bool is_loopback() const noexcept;
  // 4 or 16 bytes in network order, borrowed from this object.
  std::span<const std::byte> bytes() const noexcept {
    return {bytes_.data(), is_v4() ? kV4Bytes : kV6Bytes};
  }
  std::string to_string() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) noexcept = default;

 private:
  Family family_ = Family::ipv4;
  std::array<std::byte, kV6Bytes> bytes_{};  // The unused tail of an IPv4 address stays zero.
};

struct Endpoint {
  IpAddress ip;
  std::uint16_t port = 0;

  // Reads "a.b.c.d:port" or "[v6]:port".
  static std::optional<Endpoint> parse(std::string_view text) noexcept;
  // The form that parse() reads.
  std::string to_string() const;

  friend auto operator<=>(const Endpoint&, const Endpoint&) noexcept = default;
};

}  // namespace aquatic
