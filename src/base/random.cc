// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <sodium/core.h>
#include <sodium/randombytes.h>

#include <bit>

#include "base/check.h"

namespace aquatic {
namespace {

// splitmix64, which its authors recommend for spreading one seed over the state of xoshiro.
std::uint64_t next_splitmix(std::uint64_t& state) noexcept {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) noexcept {
  for (std::uint64_t& word : state_) word = next_splitmix(seed);
}

std::uint64_t Random::operator()() noexcept {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

void fill_secret(std::span<std::byte> out) {
  if (out.empty()) return;    // libsodium wants no null pointer.
  CHECK(sodium_init() >= 0);  // Makes the generator safe to call from any thread; idempotent.
  randombytes_buf(out.data(), out.size());
}

std::uint64_t secret_seed() {
  std::uint64_t seed;
  fill_secret(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

}  // namespace aquatic
