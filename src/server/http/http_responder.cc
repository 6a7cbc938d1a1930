// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_responder.h"

#include <algorithm>

namespace aquatic::server {
namespace {

constexpr std::string_view kInfoHashRefused = "Info hash not allowed";

// So many torrents are on their way into the cache while a scrape is answered: enough to hide
// their misses behind each other, few enough that none is gone again when its turn comes.
constexpr std::size_t kPrefetchedTorrents = 32;

constexpr std::size_t wire_bytes(Family family) noexcept {
  const std::size_t ip = family == Family::ipv4 ? IpAddress::kV4Bytes : IpAddress::kV6Bytes;
  return ip + sizeof(std::uint16_t);
}

constexpr Family other(Family family) noexcept {
  return family == Family::ipv4 ? Family::ipv6 : Family::ipv4;
}

// An announcement that changes nothing: of a peer whom nobody can be, since no peer has port 0.
swarm::Announcement announcement_of_nobody(Family family) noexcept {
  constexpr std::array<std::byte, IpAddress::kV6Bytes> kZeros{};
  return {.peer = {family == Family::ipv4 ? IpAddress() : IpAddress::v6(kZeros), 0},
          .status = swarm::Status::stopped};
}

// A paused peer (BEP 21) has something left, or he would be a seeder.
swarm::Status status_of(const http::AnnounceRequest& request) noexcept {
  if (request.event == http::Event::stopped) return swarm::Status::stopped;
  return request.left == 0 ? swarm::Status::seeder : swarm::Status::leecher;
}

// What the request says of its sender's address of this family, if that is of any use.
std::optional<IpAddress> stated_ip(const http::AnnounceRequest& request, Family family) noexcept {
  const auto& ip = family == Family::ipv4 ? request.ipv4 : request.ipv6;
  if (!ip || ip->family() != family || ip->is_unspecified()) return std::nullopt;
  return ip;
}

}  // namespace

HttpResponder::HttpResponder(const HttpHandlerOptions& options, swarm::Swarm& swarm,
                             std::uint64_t seed, ClientSampler* clients)
    : options_(options), swarm_(swarm), clients_(clients), random_(seed) {
  make_room();
}

void HttpResponder::make_room() {
  hashes_.resize(options_.max_scrape_torrents);
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Room& room = rooms_[static_cast<std::size_t>(family)];
    room.peers.resize(options_.max_peers * wire_bytes(family));
    if (options_.keeps_peer_ids) room.ids.resize(options_.max_peers);
  }
}

HttpMetric HttpResponder::announce(std::string_view query, const IpAddress& source, Seconds now,
                                   Effect effect, const access_list::AccessList& access_list,
                                   ByteBuffer& body) noexcept {
  const auto request = http::decode_announce(query);
  if (!request) return fail_for_good(http::text_of(request.error()), body);
  if (!access_list.allows(request->info_hash)) return fail_for_good(kInfoHashRefused, body);

  const bool comes_or_stays = effect == Effect::real && request->event != http::Event::stopped;
  if (clients_ != nullptr && comes_or_stays) clients_->see(request->peer_id, now);
  const Place place = place_of(*request, source);
  http::AnnounceResponse response;
  response.interval_s = options_.announce_interval_s;
  response.min_interval_s =
      std::min(options_.min_announce_interval_s, options_.announce_interval_s);
  response.external_ip = source;
  response.is_compact = request->is_compact;
  const swarm::Announced announced = announce_one(*request, place.ip, now, effect, response);
  // Of his own family alone: most peers with two addresses are in both lists.
  response.complete = announced.seeders;
  response.incomplete = announced.leechers;
  response.downloaded = announced.downloads;
  if (place.other_ip) {
    // Whoever may not say where he is still gets the peers that he asks for.
    const Effect other_effect = options_.allows_ip_parameters ? effect : Effect::rehearsal;
    announce_one(*request, *place.other_ip, now, other_effect, response);
  }
  http::encode(response, body);
  return HttpMetric::announce_responses;
}

HttpResponder::Place HttpResponder::place_of(const http::AnnounceRequest& request,
                                             const IpAddress& source) const noexcept {
  IpAddress ip = source;
  if (options_.allows_ip_parameters) {
    if (request.ip && !request.ip->is_unspecified()) ip = *request.ip;
    // The parameter that names its family is the more precise one.
    ip = stated_ip(request, ip.family()).value_or(ip);
  }
  return {ip, stated_ip(request, other(ip.family()))};
}

swarm::Announced HttpResponder::announce_one(const http::AnnounceRequest& request,
                                             const IpAddress& ip, Seconds now, Effect effect,
                                             http::AnnounceResponse& response) noexcept {
  const Family family = ip.family();
  Room& room = rooms_[static_cast<std::size_t>(family)];
  const std::size_t wanted = peers_wanted(request);
  const MutableBytes peers = std::span(room.peers).first(wanted * wire_bytes(family));
  // The compact form has no place for ids.
  const bool wants_ids = !request.is_compact && !request.has_no_peer_id && !room.ids.empty();
  const std::span<PeerId> ids = std::span(room.ids).first(wants_ids ? wanted : 0);
  const swarm::Announcement announcement =
      effect == Effect::rehearsal
          ? announcement_of_nobody(family)
          : swarm::Announcement{.peer = {ip, request.port},
                                .status = status_of(request),
                                .completed = request.event == http::Event::completed,
                                .peer_id = request.peer_id};

  const swarm::Announced announced = swarm_.announce(swarm_.locate(family, request.info_hash),
                                                     announcement, now, peers, random_, ids);
  const std::size_t count = announced.peer_bytes / wire_bytes(family);
  (family == Family::ipv4 ? response.peers : response.peers6) = peers.first(announced.peer_bytes);
  (family == Family::ipv4 ? response.peer_ids : response.peer_ids6) =
      ids.first(ids.empty() ? 0 : count);
  return announced;
}

std::size_t HttpResponder::peers_wanted(const http::AnnounceRequest& request) const noexcept {
  if (request.event == http::Event::stopped) return 0;  // He has no use for them any more.
  return std::min<std::size_t>(request.num_want.value_or(UINT32_MAX), options_.max_peers);
}

std::optional<HttpMetric> HttpResponder::scrape(std::string_view query, Family family,
                                                const access_list::AccessList& access_list,
                                                ByteBuffer& body) noexcept {
  const auto scraped = http::decode_scrape(query, hashes_);
  if (!scraped) return fail_for_good(http::text_of(scraped.error()), body);
  if (scraped->count == 0) return std::nullopt;

  // Bencode wants them in order, each once.
  const auto begin = hashes_.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(scraped->count);
  std::sort(begin, end);
  std::span torrents(begin, std::unique(begin, end));
  http::begin_scrape_response(body);
  while (!torrents.empty()) {
    const std::size_t count = std::min(torrents.size(), kPrefetchedTorrents);
    append_torrents(torrents.first(count), family, access_list, body);
    torrents = torrents.subspan(count);
  }
  http::end_scrape_response(body);
  return HttpMetric::scrape_responses;
}

void HttpResponder::append_torrents(std::span<const InfoHash> torrents, Family family,
                                    const access_list::AccessList& access_list,
                                    ByteBuffer& body) noexcept {
  std::array<swarm::TorrentKey, kPrefetchedTorrents> keys;
  for (std::size_t i = 0; i < torrents.size(); ++i) keys[i] = swarm_.locate(family, torrents[i]);
  for (std::size_t i = 0; i < torrents.size(); ++i) swarm_.prefetch_slot(keys[i]);
  for (std::size_t i = 0; i < torrents.size(); ++i) swarm_.prefetch_torrent(keys[i]);
  for (std::size_t i = 0; i < torrents.size(); ++i) {
    // Zeros for a torrent that is unknown or not allowed.
    const bool is_allowed = access_list.allows(torrents[i]);
    const swarm::Counts counts = is_allowed ? swarm_.scrape(keys[i]) : swarm::Counts();
    http::append_scraped_torrent({.info_hash = torrents[i],
                                  .complete = counts.seeders,
                                  .incomplete = counts.leechers,
                                  .downloaded = counts.downloads},
                                 body);
  }
}

HttpMetric HttpResponder::fail_for_good(std::string_view reason, ByteBuffer& body) noexcept {
  http::encode(http::Failure{.reason = reason, .retry = http::Failure::Retry::never}, body);
  return HttpMetric::failure_responses;
}

}  // namespace aquatic::server
