// SPDX-License-Identifier: Apache-2.0
// What an HTTP tracker has to say to announces and scrapes: from the query to the bencoded body of
// the response (BEP 3, 7, 21, 23, 24, 31, 48). Knows nothing of connections.
//
// Reads no clock, logs nothing, throws nothing. Belongs to one worker.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "access_list/access_list.h"
#include "base/byte_buffer.h"
#include "base/random.h"
#include "protocol/http/request.h"
#include "protocol/http/response.h"
#include "server/http/http_metrics.h"
#include "server/http/http_options.h"
#include "server/status/client_sampler.h"
#include "swarm/swarm.h"

namespace aquatic::server {

class HttpResponder {
 public:
  // What an announce does to the swarm. A rehearsal gets the response and changes nothing: it is
  // for HEAD, which must not do anything (RFC 9110 §9.2.1).
  enum class Effect : std::uint8_t { real, rehearsal };

  // Borrows everything. `clients` sees who announces, if there is one.
  HttpResponder(const HttpHandlerOptions& options, swarm::Swarm& swarm, std::uint64_t seed,
                ClientSampler* clients = nullptr);

  // To be called when the options, which it borrows, have changed.
  void make_room();

  // Appends the body of the response to an announce from `source`. Returns what it counts as:
  // announce_responses or failure_responses. `access_list` is to be the one in force.
  HttpMetric announce(std::string_view query, const IpAddress& source, Seconds now, Effect effect,
                      const access_list::AccessList& access_list, ByteBuffer& body) noexcept;

  // The same for a scrape: scrape_responses or failure_responses. Nothing, and no body, if the
  // query names no torrent: then it asks for all of them.
  std::optional<HttpMetric> scrape(std::string_view query, Family family,
                                   const access_list::AccessList& access_list,
                                   ByteBuffer& body) noexcept;

  // A response that the same request will always get.
  static HttpMetric fail_for_good(std::string_view reason, ByteBuffer& body) noexcept;

 private:
  // Room for the peers of one response, by family.
  struct Room {
    std::vector<std::byte> peers;
    std::vector<PeerId> ids;
  };
  // Where a peer says or shows that he is.
  struct Place {
    IpAddress ip;
    // BEP 7: his address of the other family, if he mentions one.
    std::optional<IpAddress> other_ip;
  };

  Place place_of(const http::AnnounceRequest& request, const IpAddress& source) const noexcept;
  // Announces under one address, and has the peers of its family listed in the response.
  swarm::Announced announce_one(const http::AnnounceRequest& request, const IpAddress& ip,
                                Seconds now, Effect effect,
                                http::AnnounceResponse& response) noexcept;
  std::size_t peers_wanted(const http::AnnounceRequest& request) const noexcept;
  void append_torrents(std::span<const InfoHash> torrents, Family family,
                       const access_list::AccessList& access_list, ByteBuffer& body) noexcept;

  const HttpHandlerOptions& options_;
  swarm::Swarm& swarm_;
  ClientSampler* const clients_;
  Random random_;
  std::array<Room, 2> rooms_;
  std::vector<InfoHash> hashes_;  // Room for those of one scrape.
};

}  // namespace aquatic::server
