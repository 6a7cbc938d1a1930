// SPDX-License-Identifier: Apache-2.0
// The mixing step of keyed hashes for our tables (wyhash and its relatives use it too): both halves
// of a 128-bit product, folded. With a secret on each side nobody can choose where a value lands;
// it is no substitute for a message authentication code.
#pragma once
#include <cstdint>

namespace aquatic {

__extension__ using Uint128 = unsigned __int128;

inline std::uint64_t fold_multiply(std::uint64_t a, std::uint64_t b) noexcept {
  const Uint128 product = static_cast<Uint128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace aquatic
