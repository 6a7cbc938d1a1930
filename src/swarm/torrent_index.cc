// SPDX-License-Identifier: Apache-2.0
#include "swarm/torrent_index.h"

#include <utility>

#include "base/check.h"

namespace aquatic::swarm {
namespace {

// Torrents in a line, on average, above which the index doubles: hardly one in eight lines is then
// full, and one cache miss finds almost everything.
constexpr std::uint32_t kGrowAbove = 5;
// It halves below a quarter of that, and is then half as full as when it grows.
constexpr std::uint32_t kShrinkDivisor = 4;

}  // namespace

TorrentIndex::TorrentIndex() { rebuild(1); }

void TorrentIndex::insert(std::uint64_t hash, std::uint32_t number) noexcept {
  if (size_ >= kGrowAbove * (mask_ + 1)) rebuild(2 * (mask_ + 1));
  insert_tag(tag_of(hash), number);
  ++size_;
}

void TorrentIndex::remove(std::uint64_t hash, std::uint32_t number) noexcept {
  const std::uint32_t tag = tag_of(hash);
  const Place place = place_of(tag, number);
  place.line->tags[place.slot] = 0;
  for (std::uint32_t i = tag & mask_; &lines_[i] != place.line; i = (i + 1) & mask_) {
    --lines_[i].passed_by;
  }
  --size_;
  if (mask_ > 0 && size_ < kGrowAbove * (mask_ + 1) / kShrinkDivisor) rebuild((mask_ + 1) / 2);
}

void TorrentIndex::renumber(std::uint64_t hash, std::uint32_t number,
                            std::uint32_t new_number) noexcept {
  const Place place = place_of(tag_of(hash), number);
  place.line->numbers[place.slot] = new_number;
}

void TorrentIndex::insert_tag(std::uint32_t tag, std::uint32_t number) noexcept {
  // Ends, since there are more slots than torrents.
  for (std::uint32_t i = tag & mask_;; i = (i + 1) & mask_) {
    Line& line = lines_[i];
    if (const std::uint32_t free = slots_with(line, 0); free != 0) {
      const int slot = __builtin_ctz(free);
      line.tags[slot] = tag;
      line.numbers[slot] = number;
      return;
    }
    ++line.passed_by;
  }
}

TorrentIndex::Place TorrentIndex::place_of(std::uint32_t tag, std::uint32_t number) const noexcept {
  for (std::uint32_t step = 0; step <= mask_; ++step) {
    Line& line = lines_[(tag + step) & mask_];
    for (std::uint32_t slots = slots_with(line, tag); slots != 0; slots &= slots - 1) {
      const auto slot = static_cast<std::uint32_t>(__builtin_ctz(slots));
      if (line.numbers[slot] == number) return {&line, slot};
    }
  }
  CHECK(false && "a torrent is missing from the index");
  return {};
}

void TorrentIndex::rebuild(std::uint32_t line_count) {
  const auto old_lines = std::exchange(lines_, std::make_unique<Line[]>(line_count));
  const std::uint32_t old_mask = std::exchange(mask_, line_count - 1);
  hinted_lines_.store(lines_.get(), std::memory_order_relaxed);
  hinted_mask_.store(mask_, std::memory_order_relaxed);
  if (old_lines == nullptr) return;
  for (std::uint32_t i = 0; i <= old_mask; ++i) {
    const Line& line = old_lines[i];
    for (std::uint32_t slot = 0; slot < kLineSlots; ++slot) {
      if (line.tags[slot] != 0) insert_tag(line.tags[slot], line.numbers[slot]);
    }
  }
}

}  // namespace aquatic::swarm
