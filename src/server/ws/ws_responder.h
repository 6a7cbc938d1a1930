// SPDX-License-Identifier: Apache-2.0
// What a WebTorrent peer's requests do and what they are answered: signalling, apart from frames
// and connections.
//
// Responses and what is relayed are appended or posted as whole frames. Belongs to one worker.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "access_list/access_list.h"
#include "base/byte_buffer.h"
#include "base/clock.h"
#include "base/random.h"
#include "net/outbox.h"
#include "protocol/ws/padded_buffer.h"
#include "protocol/ws/request.h"
#include "protocol/ws/response.h"
#include "server/status/client_sampler.h"
#include "server/ws/ws_connection.h"
#include "server/ws/ws_metrics.h"
#include "server/ws/ws_options.h"
#include "swarm/offers/offer_swarm.h"

namespace aquatic::server {

class WsResponder {
 public:
  // Torrents of a full scrape: a message of about a megabyte.
  static constexpr std::size_t kMaxFullScrapeTorrents = 10'000;

  // Borrows everything but the seed. `clients` sees who announces, if there is one.
  WsResponder(const WsHandlerOptions& options, offers::OfferSwarm& swarm, net::Outbox& outbox,
              std::uint64_t seed, WsMetrics& metrics, ClientSampler* clients = nullptr);

  // One message of a connection.
  struct Request {
    ws::PaddedBytes message;
    Seconds now = 0;
  };
  void respond(const Request& request, WsConnection& connection,
               const access_list::AccessList& access_list, ByteBuffer& out) noexcept;

  // Takes a connection that is gone out of all its torrents.
  void leave(const WsConnection& connection) noexcept;

 private:
  struct Context;

  void respond(const Context& context, const ws::AnnounceRequest& request) noexcept;
  void respond(const Context& context, const ws::ScrapeRequest& request) noexcept;

  // Why the announce is refused before the swarm sees it; empty if it is not.
  std::string_view refusal_of(const Context& context, const ws::AnnounceRequest& request,
                              const WsConnection::Membership* membership) const noexcept;
  void announce(const Context& context, const ws::AnnounceRequest& request) noexcept;
  void answer(const Context& context, const ws::AnnounceRequest& request) noexcept;
  void relay_offers(const Context& context, const ws::AnnounceRequest& request,
                    std::size_t count) noexcept;
  void scrape_all(const Context& context) noexcept;
  void send(const Context& context, const ws::ScrapeResponse& response) noexcept;
  void fail(const Context& context, const ws::Failure& failure) noexcept;

  offers::Torrent torrent_of(const InfoHash& info_hash, Family family) const noexcept {
    return {info_hash, options_.joins_families ? Family::ipv4 : family};
  }

  const WsHandlerOptions& options_;
  offers::OfferSwarm& swarm_;
  net::Outbox& outbox_;
  Random random_;
  WsMetrics& metrics_;
  ClientSampler* const clients_;
  ws::RequestDecoder decoder_;

  // Of the request at hand.
  std::vector<OfferId> offer_ids_;
  std::vector<offers::Connection> receivers_;
  std::vector<ws::ScrapedTorrent> scraped_;
  ByteBuffer frame_;
};

}  // namespace aquatic::server
