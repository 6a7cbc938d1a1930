// SPDX-License-Identifier: Apache-2.0
// The name of a torrent (BEP 3; for BEP 52 the truncated SHA-256), the id of a peer and that of a
// WebTorrent offer: twenty opaque bytes each.
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace aquatic {

struct InfoHash {
  static constexpr std::size_t kBytes = 20;
  std::array<std::byte, kBytes> bytes{};

  // Requires: at least kBytes bytes at `from`.
  static InfoHash copy_from(const std::byte* from) noexcept;
  // Reads forty hexadecimal digits of either case.
  static std::optional<InfoHash> parse_hex(std::string_view text) noexcept;
  // Forty lower-case digits.
  std::string to_hex() const;

  friend auto operator<=>(const InfoHash&, const InfoHash&) noexcept = default;
  // The default would compare byte by byte.
  friend bool operator==(const InfoHash& a, const InfoHash& b) noexcept {
    return std::memcmp(a.bytes.data(), b.bytes.data(), kBytes) == 0;
  }
};

struct PeerId {
  static constexpr std::size_t kBytes = 20;
  std::array<std::byte, kBytes> bytes{};

  friend auto operator<=>(const PeerId&, const PeerId&) noexcept = default;
};

struct OfferId {
  static constexpr std::size_t kBytes = 20;
  std::array<std::byte, kBytes> bytes{};

  friend auto operator<=>(const OfferId&, const OfferId&) noexcept = default;
};

}  // namespace aquatic
