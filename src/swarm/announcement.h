// SPDX-License-Identifier: Apache-2.0
// What goes into a swarm, and what comes out of it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/endpoint.h"
#include "base/info_hash.h"

namespace aquatic::swarm {

// Where a torrent is or would be: computed once a request, good for ever.
struct TorrentKey {
  InfoHash info_hash;
  Family family = Family::ipv4;
  std::uint32_t shard = 0;
  std::uint64_t hash = 0;
};

enum class Status : std::uint8_t { leecher, seeder, stopped };

struct Announcement {
  Endpoint peer;  // Its family is that of the torrent key.
  Status status = Status::leecher;
  // He says that he has just finished: counts a download if he seeds and did not before.
  bool completed = false;
  PeerId peer_id = {};  // Kept where the swarm keeps peer ids.
};

// Everybody but the announcing peer himself. Small enough for two registers.
struct Announced {
  std::uint32_t seeders = 0;
  std::uint32_t leechers = 0;
  std::uint32_t downloads = 0;   // With the one that this announce counted, if it did.
  std::uint32_t peer_bytes = 0;  // Of `peers`, filled.
};

struct Counts {
  std::uint32_t seeders = 0;
  std::uint32_t leechers = 0;
  std::uint32_t downloads = 0;

  friend bool operator==(const Counts&, const Counts&) noexcept = default;
};

// A torrent in a scrape of all of them.
struct TorrentCounts {
  InfoHash info_hash;
  Counts counts;
};

// How far a scrape of all torrents has got; begins as zeros.
struct ScrapeCursor {
  std::uint32_t shard = 0;
  std::uint32_t position = 0;
};

// Of one family.
struct Totals {
  std::uint64_t torrents = 0;
  std::uint64_t peers = 0;
  // What both take, to a few percent; peers beyond the first few of a torrent as of the last
  // expiry.
  std::uint64_t memory_bytes = 0;
};

// Returns whether a torrent may stay; asked under a shard's lock, so it has to be quick.
using KeepTorrent = std::function<bool(const InfoHash&)>;

}  // namespace aquatic::swarm
