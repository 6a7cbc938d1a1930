// SPDX-License-Identifier: Apache-2.0
// Messages for streams of one worker, one behind the other in one piece of memory.
//
// Not thread-safe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "net/stream_key.h"

namespace aquatic::net {

class Mail {
 public:
  void add(StreamKey stream, Bytes message) {
    const Header header{stream, message.size()};
    buffer_.append(std::as_bytes(std::span(&header, 1)));
    buffer_.append(message);
    ++count_;
  }
  void add(const Mail& more) {
    buffer_.append(more.buffer_.bytes());
    count_ += more.count_;
  }

  std::size_t count() const noexcept { return count_; }
  std::size_t bytes() const noexcept { return buffer_.size(); }
  bool is_empty() const noexcept { return count_ == 0; }

  // Calls deliver(stream, message) for each, in their order; it may not add any.
  template <class Deliver>
  void visit(Deliver deliver) const {
    for (Bytes rest = buffer_.bytes(); !rest.empty();) {
      Header header;
      std::memcpy(&header, rest.data(), sizeof(header));
      deliver(header.stream, rest.subspan(sizeof(header), header.size));
      rest = rest.subspan(sizeof(header) + header.size);
    }
  }

  // Keeps a moderate amount of memory for the next ones.
  void clear() noexcept {
    buffer_.clear();
    count_ = 0;
    if (buffer_.capacity() > kMaxIdleBytes) buffer_.release();
  }

 private:
  static constexpr std::size_t kMaxIdleBytes = 256 * 1024;

  struct Header {
    StreamKey stream = 0;
    std::uint64_t size = 0;
  };

  ByteBuffer buffer_;
  std::size_t count_ = 0;
};

}  // namespace aquatic::net
