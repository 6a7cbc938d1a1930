// SPDX-License-Identifier: Apache-2.0
// Finds the number of a torrent by the hash of its info hash.
//
// A hash table of whole cache lines. A torrent lives in the line that its hash points at or, where
// that is full, in one of the next; each line counts those that had to go further, so a search
// knows where it may stop and removal leaves no tombstones. Beside each number the index keeps 32
// bits of the hash: enough to tell torrents apart in almost every case, and enough to grow
// without looking at any torrent.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>

namespace aquatic::swarm {

class TorrentIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  TorrentIndex();

  // The first number under this hash for which is_it(number) is true, or kNone.
  template <class IsIt>
  std::uint32_t find(std::uint64_t hash, IsIt is_it) const noexcept;
  // Requires: a number that is not in the index.
  void insert(std::uint64_t hash, std::uint32_t number) noexcept;
  // Both require: `number` is here under this hash.
  void remove(std::uint64_t hash, std::uint32_t number) noexcept;
  void renumber(std::uint64_t hash, std::uint32_t number, std::uint32_t new_number) noexcept;

  std::size_t memory_bytes() const noexcept { return (std::size_t{mask_} + 1) * sizeof(Line); }

  // A hint to load the line of this hash. Needs no lock: at worst it hints at memory that is no
  // longer ours.
  void prefetch(std::uint64_t hash) const noexcept;

 private:
  static constexpr std::uint32_t kLineSlots = 7;

  struct alignas(64) Line {
    std::uint32_t tags[kLineSlots] = {};  // 0: the slot is free.
    std::uint32_t passed_by = 0;          // Torrents that belong here or before, and live further.
    std::uint32_t numbers[kLineSlots] = {};
  };
  static_assert(sizeof(Line) == 64);

  struct Place {
    Line* line;
    std::uint32_t slot;
  };

  // The half of the hash that is kept; its top bit tells it from a free slot.
  static std::uint32_t tag_of(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 32) | 0x80000000;
  }
  // One bit for each slot that has this tag.
  static std::uint32_t slots_with(const Line& line, std::uint32_t tag) noexcept;

  void insert_tag(std::uint32_t tag, std::uint32_t number) noexcept;
  Place place_of(std::uint32_t tag, std::uint32_t number) const noexcept;
  void rebuild(std::uint32_t line_count);

  std::unique_ptr<Line[]> lines_;
  std::uint32_t mask_ = 0;
  std::uint32_t size_ = 0;
  // What prefetch() sees of the two above, from outside of the lock.
  std::atomic<const Line*> hinted_lines_ = nullptr;
  std::atomic<std::uint32_t> hinted_mask_ = 0;
};

inline std::uint32_t TorrentIndex::slots_with(const Line& line, std::uint32_t tag) noexcept {
  std::uint32_t slots = 0;
  for (std::uint32_t i = 0; i < kLineSlots; ++i) {
    slots |= static_cast<std::uint32_t>(line.tags[i] == tag) << i;
  }
  return slots;
}

template <class IsIt>
std::uint32_t TorrentIndex::find(std::uint64_t hash, IsIt is_it) const noexcept {
  const std::uint32_t tag = tag_of(hash);
  // No more steps than lines, should all of them have been passed by.
  for (std::uint32_t step = 0; step <= mask_; ++step) {
    const Line& line = lines_[(tag + step) & mask_];
    for (std::uint32_t slots = slots_with(line, tag); slots != 0; slots &= slots - 1) {
      const std::uint32_t number = line.numbers[__builtin_ctz(slots)];
      if (is_it(number)) return number;
    }
    if (line.passed_by == 0) break;
  }
  return kNone;
}

inline void TorrentIndex::prefetch(std::uint64_t hash) const noexcept {
  const Line* lines = hinted_lines_.load(std::memory_order_relaxed);
  __builtin_prefetch(lines + (tag_of(hash) & hinted_mask_.load(std::memory_order_relaxed)));
}

}  // namespace aquatic::swarm
