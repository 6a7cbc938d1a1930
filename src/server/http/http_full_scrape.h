// SPDX-License-Identifier: Apache-2.0
// A scrape of all torrents on its way: sent in pieces of bounded size, each when the one before it
// has left. It fits into the note that a handler may keep of a stream, so it owns nothing.
//
// Torrents come in no order, which strict bencode would want: to sort them, all would have to be
// held in memory for each such request. Belongs to one worker.
#pragma once
#include <cstddef>
#include <cstdint>

#include "access_list/access_list.h"
#include "base/byte_buffer.h"
#include "swarm/swarm.h"

namespace aquatic::server {

class HttpFullScrape {
 public:
  // A chunked body ends by itself; any other when the connection is closed.
  HttpFullScrape(Family family, bool is_chunked, bool keeps_alive) noexcept
      : family_(family), is_chunked_(is_chunked), keeps_alive_(keeps_alive) {}

  // Never 0.
  std::uint64_t to_memo() const noexcept;
  // Whether a memo is one, and not another handler's, or none.
  static bool is_memo(std::uint64_t memo) noexcept;
  // Requires: is_memo(memo).
  static HttpFullScrape from_memo(std::uint64_t memo) noexcept;

  bool keeps_alive() const noexcept { return keeps_alive_; }

  // Appends the next piece of the body, the first or last included where it is. Returns whether
  // there are more.
  bool append_piece(const swarm::Swarm& swarm, const access_list::AccessList& access_list,
                    ByteBuffer& out) noexcept;

 private:
  Family family_;
  bool is_chunked_;
  bool keeps_alive_;
  bool has_begun_ = false;
  swarm::ScrapeCursor cursor_;
};

}  // namespace aquatic::server
