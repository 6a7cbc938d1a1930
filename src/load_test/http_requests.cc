// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_requests.h"

#include <algorithm>

#include "load_test/alias_table.h"
#include "protocol/http/request.h"
#include "protocol/http/request_head.h"

namespace aquatic::load_test {
namespace {

// What the original says of a peer's transfers.
constexpr std::uint64_t kTransferredBytes = 50;

}  // namespace

HttpRequests::HttpRequests(const HttpLoadTestConfig& config, const Population& population,
                           std::uint64_t seed)
    : config_(config),
      population_(population),
      random_(seed),
      host_(config.server_address.Endpoint::to_string()) {}

HttpSentRequest HttpRequests::choose(std::uint32_t peer, std::uint64_t due_ns) noexcept {
  const auto& torrents = config_.torrents;
  HttpSentRequest request{.due_ns = due_ns, .peer = peer};
  const std::uint32_t draw = random_.below(torrents.weight_announce + torrents.weight_scrape);
  if (draw < torrents.weight_announce) return request;
  request.torrents = static_cast<std::uint16_t>(1 + random_.below(torrents.scrape_max_torrents));
  request.scrape_seed = random_();
  return request;
}

void HttpRequests::encode(const HttpSentRequest& request, ByteBuffer& out) {
  target_.clear();
  target_.append(request.is_scrape() ? "/scrape" : "/announce");
  target_.append(config_.url_suffix);
  target_.append("?");
  if (request.is_scrape()) {
    http::encode_scrape(draw_torrents(request), target_);
  } else {
    append_announce_query(request.peer);
  }
  http::encode(
      http::GetRequest{.target = target_.text(), .host = host_, .keeps_alive = config_.keep_alive},
      out);
}

void HttpRequests::append_announce_query(std::uint32_t peer) {
  const SimulatedPeer& who = population_.peers()[peer];
  const bool is_seeder = draw_share(random_) < config_.torrents.peer_seeder_probability;
  const std::int32_t wanted = config_.torrents.announce_peers_wanted;
  http::AnnounceRequest announce;
  announce.info_hash = Population::info_hash(who.torrent);
  announce.peer_id = Population::peer_id(peer);
  announce.port = who.port;
  announce.uploaded = kTransferredBytes;
  announce.downloaded = kTransferredBytes;
  announce.left = is_seeder ? 0 : kTransferredBytes;
  announce.event = is_seeder ? http::Event::completed : http::Event::started;
  if (wanted > 0) announce.num_want = static_cast<std::uint32_t>(wanted);
  http::encode(announce, target_);
}

HttpExpectation HttpRequests::expectation_of(const HttpSentRequest& request,
                                             const IpAddress& self) noexcept {
  if (!request.is_scrape()) {
    const auto& torrents = config_.torrents;
    return {.announce = {.self = {.ip = self, .port = population_.peers()[request.peer].port},
                         .peers_wanted = torrents.announce_peers_wanted,
                         .max_response_peers = torrents.max_response_peers}};
  }
  const std::span<InfoHash> drawn = draw_torrents(request);
  std::ranges::sort(drawn);
  const auto surplus = std::ranges::unique(drawn);
  return {.is_scrape = true, .torrents = drawn.first(drawn.size() - surplus.size())};
}

std::span<InfoHash> HttpRequests::draw_torrents(const HttpSentRequest& request) noexcept {
  Random random(request.scrape_seed);
  const auto drawn = std::span(torrents_).first(request.torrents);
  for (InfoHash& torrent : drawn) {
    torrent = Population::info_hash(random.below(population_.torrent_count()));
  }
  return drawn;
}

}  // namespace aquatic::load_test
