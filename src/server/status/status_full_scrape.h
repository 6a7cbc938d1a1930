// SPDX-License-Identifier: Apache-2.0
// What opentracker gives at /stats?mode=tpbs: the counts of every torrent, IPv4 and IPv6 together,
// in one of its forms. Like an HttpFullScrape it leaves in pieces of bounded size, and fits into
// the note that a handler may keep of a stream.
//
// Belongs to one worker.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "access_list/access_list.h"
#include "base/byte_buffer.h"
#include "swarm/swarm.h"

namespace aquatic::server {

class StatusFullScrape {
 public:
  enum class Form : std::uint8_t {
    bencode,  // As /scrape: `ben`, and what is given to those who name no form.
    text,     // `txt`: a line of "INFOHASH:seeders:leechers" each.
    binary,   // `bin`: an info hash and both counts, of four bytes each.
    url,      // `url`: as text, with the info hash as in a URL.
  };
  // By opentracker's names.
  static std::optional<Form> form_of(std::string_view name) noexcept;

  // A chunked body ends by itself; any other when the connection is closed.
  StatusFullScrape(Form form, bool is_chunked, bool keeps_alive) noexcept
      : form_(form), is_chunked_(is_chunked), keeps_alive_(keeps_alive) {}

  // Below 2^kBits.
  std::uint64_t to_bits() const noexcept;
  static StatusFullScrape from_bits(std::uint64_t bits) noexcept;
  static constexpr unsigned kBits = 59;

  bool keeps_alive() const noexcept { return keeps_alive_; }

  // Appends the next piece of the body. Returns whether there are more.
  bool append_piece(const swarm::Swarm& swarm, const access_list::AccessList& access_list,
                    ByteBuffer& out) noexcept;

 private:
  void append(const swarm::TorrentCounts& torrent, ByteBuffer& out) const noexcept;

  Form form_;
  bool is_chunked_;
  bool keeps_alive_;
  bool has_begun_ = false;
  Family family_ = Family::ipv4;
  swarm::ScrapeCursor cursor_;
};

}  // namespace aquatic::server
