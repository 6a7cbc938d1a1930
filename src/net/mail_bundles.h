// SPDX-License-Identifier: Apache-2.0
// Puts together what one stream gets out of a mail: several messages that leave in one call of the
// kernel, and in one record of TLS, cost hardly more than one.
//
// Keeps its memory. Not thread-safe.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "net/mail.h"
#include "net/stream_key.h"

namespace aquatic::net {

class MailBundles {
 public:
  // As much as a record of TLS has. A bundle may not be more than a handler would take at once.
  static constexpr std::size_t kMaxBytes = 16 * 1024;

  // Calls deliver(stream, messages, count) until everything is delivered: the messages of a stream
  // in their order, one behind the other, as many together as fit into kMaxBytes; longer ones come
  // alone. Streams come in any order. `deliver` may not add to the mail.
  template <class Deliver>
  void visit(const Mail& mail, Deliver deliver) {
    sort(mail);
    for (std::size_t begin = 0; begin < pieces_.size();) {
      const std::size_t end = end_of_bundle(begin);
      deliver(pieces_[begin].stream, join(begin, end), end - begin);
      begin = end;
    }
    pieces_.clear();
  }

 private:
  struct Piece {
    StreamKey stream;
    std::size_t place;  // In the mail.
    Bytes message;
  };

  void sort(const Mail& mail) {
    mail.visit([this](StreamKey stream, Bytes message) {
      pieces_.push_back({stream, pieces_.size(), message});
    });
    std::ranges::sort(pieces_, [](const Piece& a, const Piece& b) {
      return a.stream != b.stream ? a.stream < b.stream : a.place < b.place;
    });
  }

  std::size_t end_of_bundle(std::size_t begin) const noexcept {
    std::size_t bytes = pieces_[begin].message.size();
    std::size_t end = begin + 1;
    for (; end < pieces_.size() && pieces_[end].stream == pieces_[begin].stream; ++end) {
      bytes += pieces_[end].message.size();
      if (bytes > kMaxBytes) break;
    }
    return end;
  }

  Bytes join(std::size_t begin, std::size_t end) {
    if (end - begin == 1) return pieces_[begin].message;
    joined_.clear();
    for (std::size_t i = begin; i < end; ++i) joined_.append(pieces_[i].message);
    return joined_.bytes();
  }

  std::vector<Piece> pieces_;
  ByteBuffer joined_;
};

}  // namespace aquatic::net
