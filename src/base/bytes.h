// SPDX-License-Identifier: Apache-2.0
// Integers in network byte order, and plain bytes as text and back.
//
// The callers own the bounds: every function here requires that the bytes it touches exist.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace aquatic {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

// Reads an integer that is stored most significant byte first.
template <std::unsigned_integral T>
inline T load_big_endian(const std::byte* from) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>((value << 8 * (sizeof(T) > 1)) | std::to_integer<T>(from[i]));
  }
  return value;
}

// Stores an integer most significant byte first.
template <std::unsigned_integral T>
inline void store_big_endian(std::byte* to, T value) noexcept {
  for (std::size_t i = sizeof(T); i-- > 0;) {
    to[i] = static_cast<std::byte>(value & 0xff);
    value = static_cast<T>(value >> 8 * (sizeof(T) > 1));
  }
}

// Reads an integer as it lies in memory: for hashing and comparing, where the order of bytes does
// not matter.
template <std::unsigned_integral T>
inline T load_native(const void* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

inline Bytes as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view as_text(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace aquatic
