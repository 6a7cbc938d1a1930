// SPDX-License-Identifier: Apache-2.0
// Random numbers: a fast generator for peer selection, and bytes from the system for secrets.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"

namespace aquatic {

// xoshiro256++ (Blackman, Vigna 2019): 1 ns a number and one seed, one sequence. Not for secrets:
// an observer can work out its state. Not thread-safe: each worker has its own.
class Random {
 public:
  using result_type = std::uint64_t;  // Makes it a std::uniform_random_bit_generator.

  explicit Random(std::uint64_t seed) noexcept;

  std::uint64_t operator()() noexcept;
  // A number in [0, bound), each equally likely but for a bias below bound / 2^32.
  // Requires: bound > 0.
  std::uint32_t below(std::uint32_t bound) noexcept {
    DCHECK(bound > 0);
    return static_cast<std::uint32_t>(((operator()() >> 32) * bound) >> 32);
  }

  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return UINT64_MAX; }

 private:
  std::array<std::uint64_t, 4> state_;
};

// Fills `out` with bytes that nobody can guess (getrandom(2)). May block early in the boot.
void fill_secret(std::span<std::byte> out);
// A seed that nobody can guess.
std::uint64_t secret_seed();

}  // namespace aquatic
