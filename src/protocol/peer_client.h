// SPDX-License-Identifier: Apache-2.0
// Which program a peer runs, as far as his peer id says (BEP 20). A peer may say what he likes:
// nothing that he does depends on it.
//
// A pure function without heap. Its text is UTF-8 without control characters, whatever the bytes
// are.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/info_hash.h"

namespace aquatic {

// Text of at most `kMaxLength` bytes, in place. What is too long is cut off.
template <std::size_t kMaxLength>
class FixedText {
 public:
  constexpr std::string_view view() const noexcept { return {text_.data(), length_}; }
  constexpr bool is_empty() const noexcept { return length_ == 0; }

  constexpr void append(std::string_view text) noexcept {
    const std::size_t count = std::min(text.size(), kMaxLength - length_);
    std::copy_n(text.begin(), count, text_.begin() + length_);
    length_ = static_cast<std::uint8_t>(length_ + count);
  }
  constexpr void append(char character) noexcept { append(std::string_view(&character, 1)); }

  friend constexpr bool operator==(const FixedText& a, const FixedText& b) noexcept {
    return a.view() == b.view();
  }

 private:
  static_assert(kMaxLength < 256);
  std::array<char, kMaxLength> text_{};
  std::uint8_t length_ = 0;
};

struct PeerClient {
  // "Transmission"; "Other (XY)" for an unknown program that follows a convention; "Other".
  FixedText<24> name;
  // "4.0.6", "3.5.5 beta"; empty where the id has none.
  FixedText<16> version;

  friend bool operator==(const PeerClient&, const PeerClient&) noexcept = default;
};

// The name of what cannot be told.
inline constexpr std::string_view kOtherClient = "Other";

PeerClient peer_client(const PeerId& peer_id) noexcept;

}  // namespace aquatic
