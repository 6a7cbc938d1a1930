// SPDX-License-Identifier: Apache-2.0
#include "net/stream_table.h"

namespace aquatic::net {

Stream& StreamTable::open() {
  if (free_.empty()) {
    const auto first = static_cast<std::uint32_t>(chunks_.size() * kChunk);
    chunks_.push_back(std::make_unique<Stream[]>(kChunk));
    for (std::uint32_t i = kChunk; i-- > 0;) {
      at(first + i).slot = first + i;
      free_.push_back(first + i);
    }
  }
  Stream& stream = at(free_.back());
  free_.pop_back();
  ++size_;
  return stream;
}

void StreamTable::close(Stream& stream) noexcept {
  const std::uint32_t slot = stream.slot;
  const std::uint32_t generation = stream.generation + 1;
  stream.socket.drop();
  stream = Stream();
  stream.slot = slot;
  stream.generation = generation;
  free_.push_back(slot);
  --size_;
}

Stream* StreamTable::find(StreamKey key) noexcept {
  const auto slot = static_cast<std::uint32_t>(key);
  if (slot >= chunks_.size() * kChunk) return nullptr;
  Stream& stream = at(slot);
  return stream.generation == key >> 32 ? &stream : nullptr;
}

}  // namespace aquatic::net
