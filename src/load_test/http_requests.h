// SPDX-License-Identifier: Apache-2.0
// What an HTTP load test asks: chooses requests, writes them, and knows what has to come back.
//
// A scrape is known by the seed that its torrents were drawn with, so that nothing has to be kept
// for it. Belongs to one worker; borrows the config and the population.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "base/byte_buffer.h"
#include "base/info_hash.h"
#include "base/random.h"
#include "load_test/http_load_test_config.h"
#include "load_test/http_response_check.h"
#include "load_test/population.h"

namespace aquatic::load_test {

struct HttpSentRequest {
  std::uint64_t due_ns = 0;       // When it was, or should have been, sent.
  std::uint64_t scrape_seed = 0;  // Of a scrape.
  std::uint32_t peer = 0;         // Of an announce: whose.
  std::uint16_t torrents = 0;     // Of a scrape: how many; 0 for an announce.

  bool is_scrape() const noexcept { return torrents > 0; }
};

class HttpRequests {
 public:
  static constexpr std::size_t kMaxScrapeTorrents = 100;

  HttpRequests(const HttpLoadTestConfig& config, const Population& population, std::uint64_t seed);

  // The next request of a connection whose next peer to announce is `peer`.
  HttpSentRequest choose(std::uint32_t peer, std::uint64_t due_ns) noexcept;
  // Appends it as it goes over the wire.
  void encode(const HttpSentRequest& request, ByteBuffer& out);
  // What has to come back to `self`. Valid until the next call.
  HttpExpectation expectation_of(const HttpSentRequest& request, const IpAddress& self) noexcept;

 private:
  std::span<InfoHash> draw_torrents(const HttpSentRequest& request) noexcept;
  void append_announce_query(std::uint32_t peer);

  const HttpLoadTestConfig& config_;
  const Population& population_;
  Random random_;
  std::string host_;
  ByteBuffer target_;
  std::array<InfoHash, kMaxScrapeTorrents> torrents_;
};

}  // namespace aquatic::load_test
