// SPDX-License-Identifier: Apache-2.0
#include "base/info_hash_hasher.h"

#include "base/bytes.h"
#include "base/fold_multiply.h"
#include "base/random.h"

namespace aquatic {

InfoHashHasher::InfoHashHasher(std::uint64_t seed) noexcept {
  Random random(seed);
  for (std::uint32_t& key : steer_keys_) key = static_cast<std::uint32_t>(random()) | 1;
  for (std::uint64_t& key : table_keys_) key = random();
}

std::uint32_t InfoHashHasher::steer(const InfoHash& info_hash) const noexcept {
  std::uint32_t hash = 0;
  for (std::size_t i = 0; i < kSteerRounds; ++i) {
    if (i < kWords) {
      hash += load_big_endian<std::uint32_t>(info_hash.bytes.data() + i * sizeof(std::uint32_t));
    }
    hash *= steer_keys_[i];
    hash ^= hash >> kSteerShift;
  }
  return hash;
}

std::uint64_t InfoHashHasher::table(const InfoHash& info_hash) const noexcept {
  const std::byte* bytes = info_hash.bytes.data();
  const std::uint64_t head = fold_multiply(load_native<std::uint64_t>(bytes) ^ table_keys_[0],
                                           load_native<std::uint64_t>(bytes + 8) ^ table_keys_[1]);
  const std::uint64_t tail = load_native<std::uint32_t>(bytes + 16);
  return fold_multiply(head ^ table_keys_[2], tail ^ table_keys_[3]);
}

}  // namespace aquatic
