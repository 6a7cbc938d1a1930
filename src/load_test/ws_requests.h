// SPDX-License-Identifier: Apache-2.0
// What a WebTorrent load test sends: chooses requests, writes them as frames, and knows what has to
// come back. A scrape is known by the seed that its torrents were drawn with.
//
// Belongs to one worker; borrows what it is made of.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/byte_buffer.h"
#include "base/info_hash.h"
#include "base/random.h"
#include "load_test/offer_ledger.h"
#include "load_test/session_description.h"
#include "load_test/ws_load_test_config.h"
#include "load_test/ws_peers.h"
#include "load_test/ws_response_check.h"
#include "protocol/ws/frame.h"
#include "protocol/ws/response.h"

namespace aquatic::load_test {

struct WsSentRequest {
  std::uint64_t due_ns = 0;       // When it was, or should have been, sent.
  std::uint64_t scrape_seed = 0;  // Of a scrape.
  std::uint32_t torrent = 0;      // Of an announce.
  std::uint16_t torrents = 0;     // Of a scrape: how many; 0 for an announce.

  bool is_scrape() const noexcept { return torrents > 0; }
};

// What a connection has done since the load test began.
struct WsHistory {
  std::uint32_t announces = 0;
  std::uint32_t offers = 0;
};

class WsRequests {
 public:
  static constexpr std::size_t kMaxScrapeTorrents = 100;

  WsRequests(const WsLoadTestConfig& config, const WsPeers& peers, OfferLedger& ledger,
             std::uint64_t seed);

  // The next request of a connection. Of idle ones only announces.
  WsSentRequest choose(std::uint32_t connection, const WsHistory& history,
                       std::uint64_t due_ns) noexcept;
  // Appends it, with its offers if it is an announce, and enters those into history and ledger.
  void encode(const WsSentRequest& request, std::uint32_t connection, WsHistory& history,
              ByteBuffer& out);
  // Appends the answer to an offer.
  void encode_answer(const ws::RelayedOffer& offer, std::uint32_t torrent, std::uint32_t connection,
                     ByteBuffer& out);
  // Appends the answer to a ping.
  void encode_pong(Bytes payload, ByteBuffer& out);
  std::array<std::byte, 16> draw_nonce() noexcept;

  // Offers in an announce of this connection.
  std::uint32_t offers_of(std::uint32_t connection) const noexcept;
  // What has to come back to the connection. Valid until the next call.
  WsExpectation expectation_of(const WsSentRequest& request, std::uint32_t connection) noexcept;

 private:
  template <class Request>
  void append_frame(const Request& request, ByteBuffer& out);
  void append_announce(const WsSentRequest& request, std::uint32_t connection, WsHistory& history,
                       ByteBuffer& out);
  // Sorted, each once: there may be fewer than drawn.
  std::span<InfoHash> draw_torrents(const WsSentRequest& request) noexcept;
  ws::MaskingKey draw_key() noexcept { return static_cast<ws::MaskingKey>(random_()); }

  const WsLoadTestConfig& config_;
  const WsPeers& peers_;
  OfferLedger& ledger_;
  Random random_;
  std::vector<SessionDescription> offer_texts_;  // One for each offer of an announce.
  std::vector<ws::Offer> offers_;
  SessionDescription answer_text_;
  std::array<InfoHash, kMaxScrapeTorrents> torrents_;
};

}  // namespace aquatic::load_test
