// SPDX-License-Identifier: Apache-2.0
// The streams of one worker, by number.
//
// A stream never moves. The key of one that is gone finds nothing, although its slot is used again:
// so events that were reported before it went do no harm.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "net/stream.h"

namespace aquatic::net {

class StreamTable {
 public:
  // A new stream, open until close().
  Stream& open();
  // Requires: the stream is of this table and open. It is not valid any more.
  void close(Stream& stream) noexcept;

  // The stream of this key, or null if it is gone.
  Stream* find(StreamKey key) noexcept;
  // Requires: a stream with this slot is open.
  Stream& at(std::uint32_t slot) noexcept { return chunks_[slot / kChunk][slot % kChunk]; }

  std::size_t size() const noexcept { return size_; }

  // Calls visit(stream) for each that is open; it may close it.
  template <class Visit>
  void visit(Visit visit) {
    for (std::uint32_t slot = 0; slot < chunks_.size() * kChunk; ++slot) {
      if (Stream& stream = at(slot); stream.socket.fd() >= 0) visit(stream);
    }
  }

 private:
  // Streams are allocated by this many: some pages.
  static constexpr std::uint32_t kChunk = 64;

  std::vector<std::unique_ptr<Stream[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

}  // namespace aquatic::net
