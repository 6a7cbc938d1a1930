// SPDX-License-Identifier: Apache-2.0
// Bytes with room behind them, as the JSON parser wants its input: it reads whole vectors, past the
// end.
#pragma once
#include <cstddef>
#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "base/check.h"

namespace aquatic::ws {

inline constexpr std::size_t kPaddingBytes = 64;

// Bytes behind which kPaddingBytes more can be read, whatever they are.
struct PaddedBytes {
  Bytes bytes;
};

// Room for a fixed number of bytes and their padding.
class PaddedBuffer {
 public:
  explicit PaddedBuffer(std::size_t capacity)
      : storage_(std::make_unique<std::byte[]>(capacity + kPaddingBytes)), capacity_(capacity) {}

  MutableBytes room() noexcept { return {storage_.get(), capacity_}; }
  // The front of room(). Requires: count <= room().size().
  PaddedBytes first(std::size_t count) const noexcept {
    CHECK(count <= capacity_);
    return {Bytes(storage_.get(), count)};
  }
  // A copy that lasts until the next use. Requires: it fits.
  PaddedBytes copy(Bytes bytes) noexcept {
    CHECK(bytes.size() <= capacity_);
    if (!bytes.empty()) std::memcpy(storage_.get(), bytes.data(), bytes.size());
    return first(bytes.size());
  }

 private:
  std::unique_ptr<std::byte[]> storage_;
  std::size_t capacity_;
};

}  // namespace aquatic::ws
