// SPDX-License-Identifier: Apache-2.0
// Keyed hashes of an info hash: anybody may choose the bytes of an info hash, nobody may choose
// where in our tables it lands.
//
// Two functions, because they have two readers. `steer` is 32-bit arithmetic over the five
// big-endian words, simple enough that the kernel computes it on a datagram too (a classic BPF
// program picks the worker); the swarm picks the shard from the same value, so a shard's torrents
// arrive at one worker. `table` is the stronger 64-bit hash for lookups within a shard.
//
// Immutable, hence safe to share between threads.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/info_hash.h"

namespace aquatic {

class InfoHashHasher {
 public:
  static constexpr std::size_t kWords = InfoHash::kBytes / sizeof(std::uint32_t);
  // One round more than words: without it, info hashes that differ in the high bits of the last
  // word alone would crowd together.
  static constexpr std::size_t kSteerRounds = kWords + 1;
  static constexpr unsigned kSteerShift = 15;

  // Same seed, same functions.
  explicit InfoHashHasher(std::uint64_t seed) noexcept;

  // h = 0; in each round i: h = (h + w[i]) * k[i]; h ^= h >> kSteerShift; the last has no word.
  // The low bits are the well-mixed ones.
  std::uint32_t steer(const InfoHash& info_hash) const noexcept;
  std::uint64_t table(const InfoHash& info_hash) const noexcept;

  // The odd multipliers k[i] of `steer`, for whoever builds the kernel's copy of it.
  const std::array<std::uint32_t, kSteerRounds>& steer_keys() const noexcept { return steer_keys_; }

 private:
  std::array<std::uint32_t, kSteerRounds> steer_keys_;
  std::array<std::uint64_t, 4> table_keys_;
};

}  // namespace aquatic
