// SPDX-License-Identifier: Apache-2.0
#include "server/udp/udp_handler.h"

#include <algorithm>
#include <variant>

#include "base/check.h"
#include "protocol/udp/response.h"

namespace aquatic::server {
namespace {

constexpr std::string_view kInfoHashRefused = "Info hash not allowed";

// A response is never longer than the room for it: whatever the settings say, these hold.
constexpr std::size_t max_peers(Family family) noexcept {
  return (net::kMaxResponseBytes - udp::kAnnounceResponseHeaderBytes) / udp::peer_bytes(family);
}
static_assert(max_peers(Family::ipv4) == 202 && max_peers(Family::ipv6) == 67);
static_assert(udp::kScrapeResponseHeaderBytes +
                  udp::kMaxScrapeTorrents * udp::kTorrentScrapeBytes <=
              net::kMaxResponseBytes);

swarm::Status status_of(const udp::AnnounceRequest& request) noexcept {
  if (request.event == udp::Event::stopped) return swarm::Status::stopped;
  return request.left == 0 ? swarm::Status::seeder : swarm::Status::leecher;
}

}  // namespace

UdpHandler::UdpHandler(const UdpHandlerOptions& options, swarm::Swarm& swarm,
                       const access_list::Holder& access_list, const ConnectionIds& connection_ids,
                       std::uint64_t seed, UdpMetrics& metrics, ClientSampler* clients)
    : options_(options),
      swarm_(swarm),
      access_list_(access_list),
      connection_ids_(connection_ids),
      random_(seed),
      metrics_(metrics),
      clients_(clients) {
  CHECK(options.max_scrape_torrents <= udp::kMaxScrapeTorrents);
}

void UdpHandler::handle(std::span<net::Datagram> batch, Seconds now) noexcept {
  DCHECK(batch.size() <= net::kMaxBatch);
  connection_ids_.advance(now);
  const access_list::AccessList& access_list = access_list_.current();
  announce_count_ = 0;
  scrape_count_ = 0;

  for (net::Datagram& datagram : batch) decode(datagram, access_list, now);
  const std::span announces(announces_.data(), announce_count_);
  for (const PendingAnnounce& pending : announces) swarm_.prefetch_slot(pending.torrent);
  for (const PendingAnnounce& pending : announces) swarm_.prefetch_torrent(pending.torrent);
  for (const PendingAnnounce& pending : announces) swarm_.prefetch_peers(pending.torrent);
  for (const PendingAnnounce& pending : announces) answer(pending, now);
  for (std::size_t i = 0; i < scrape_count_; ++i) answer(scrapes_[i], access_list);
}

void UdpHandler::decode(net::Datagram& datagram, const access_list::AccessList& access_list,
                        Seconds now) noexcept {
  auto& metrics = metrics_.of(datagram.source.ip.family());
  metrics.add(UdpMetric::received_bytes, datagram.payload.size());
  datagram.response_bytes = 0;
  const auto decoded = udp::decode_request(datagram.payload);
  if (!decoded) return refuse(datagram, decoded.error());

  metrics.add(UdpMetric::requests);
  if (const auto* announce = std::get_if<udp::AnnounceRequest>(&*decoded)) {
    accept(datagram, *announce, access_list, now);
  } else if (const auto* connect = std::get_if<udp::ConnectRequest>(&*decoded)) {
    accept(datagram, *connect);
  } else {
    accept(datagram, std::get<udp::ScrapeRequest>(*decoded));
  }
}

void UdpHandler::accept(net::Datagram& datagram, const udp::ConnectRequest& request) noexcept {
  // The one response that needs no valid id: as long as the request.
  static_assert(udp::kConnectResponseBytes <= udp::kConnectRequestBytes);
  const udp::ConnectResponse response = {
      .transaction_id = request.transaction_id,
      .connection_id = connection_ids_.issue(datagram.source.ip)};
  finish(datagram, udp::encode(response, datagram.response_room), UdpMetric::connect_responses);
}

void UdpHandler::accept(net::Datagram& datagram, const udp::AnnounceRequest& request,
                        const access_list::AccessList& access_list, Seconds now) noexcept {
  if (!has_valid_id(datagram, request.connection_id)) return;
  if (!access_list.allows(request.info_hash)) {
    return answer_error(datagram, request.transaction_id, kInfoHashRefused);
  }
  if (clients_ != nullptr && request.event != udp::Event::stopped) {
    clients_->see(request.peer_id, now);
  }
  const Family family = datagram.source.ip.family();
  PendingAnnounce& pending = announces_[announce_count_++];
  pending = {.datagram = &datagram,
             .torrent = swarm_.locate(family, request.info_hash),
             .announcement = {.peer = {datagram.source.ip, request.port},
                              .status = status_of(request),
                              .completed = request.event == udp::Event::completed},
             .transaction_id = request.transaction_id,
             .peers_wanted = peers_wanted(request, family)};
}

void UdpHandler::accept(net::Datagram& datagram, const udp::ScrapeRequest& request) noexcept {
  if (!has_valid_id(datagram, request.connection_id)) return;
  scrapes_[scrape_count_++] = {&datagram, request};
}

void UdpHandler::refuse(net::Datagram& datagram, const udp::RequestError& error) noexcept {
  auto& metrics = metrics_.of(datagram.source.ip.family());
  if (error.reason == udp::RequestError::Reason::malformed) {
    return metrics.add(UdpMetric::malformed);
  }
  metrics.add(UdpMetric::requests);
  if (!has_valid_id(datagram, error.connection_id)) return;
  answer_error(datagram, error.transaction_id, udp::message_of(error.reason));
}

void UdpHandler::answer(const PendingAnnounce& pending, Seconds now) noexcept {
  net::Datagram& datagram = *pending.datagram;
  const Family family = pending.torrent.family;
  const MutableBytes room = datagram.response_room.subspan(udp::kAnnounceResponseHeaderBytes)
                                .first(pending.peers_wanted * udp::peer_bytes(family));
  const swarm::Announced announced =
      swarm_.announce(pending.torrent, pending.announcement, now, room, random_);
  const udp::AnnounceResponse response = {.transaction_id = pending.transaction_id,
                                          .interval_s = options_.announce_interval_s,
                                          .leechers = announced.leechers,
                                          .seeders = announced.seeders,
                                          .peers = room.first(announced.peer_bytes)};
  finish(datagram, udp::encode(response, datagram.response_room), UdpMetric::announce_responses);
}

void UdpHandler::answer(const PendingScrape& pending,
                        const access_list::AccessList& access_list) noexcept {
  net::Datagram& datagram = *pending.datagram;
  const Family family = datagram.source.ip.family();
  const std::size_t count = std::min(pending.request.size(), options_.max_scrape_torrents);
  std::array<swarm::TorrentKey, udp::kMaxScrapeTorrents> torrents;
  for (std::size_t i = 0; i < count; ++i) {
    torrents[i] = swarm_.locate(family, pending.request[i]);
  }
  for (std::size_t i = 0; i < count; ++i) swarm_.prefetch_slot(torrents[i]);
  for (std::size_t i = 0; i < count; ++i) swarm_.prefetch_torrent(torrents[i]);

  const MutableBytes room = datagram.response_room.subspan(udp::kScrapeResponseHeaderBytes);
  for (std::size_t i = 0; i < count; ++i) {
    udp::TorrentScrape scrape;  // Zeros for a torrent that is unknown or not allowed.
    if (access_list.allows(torrents[i].info_hash)) {
      const swarm::Counts counts = swarm_.scrape(torrents[i]);
      scrape = {counts.seeders, counts.downloads, counts.leechers};
    }
    udp::encode(scrape,
                room.subspan(i * udp::kTorrentScrapeBytes).first<udp::kTorrentScrapeBytes>());
  }
  const udp::ScrapeResponse response = {.transaction_id = pending.request.transaction_id,
                                        .torrents = room.first(count * udp::kTorrentScrapeBytes)};
  finish(datagram, udp::encode(response, datagram.response_room), UdpMetric::scrape_responses);
}

void UdpHandler::answer_error(net::Datagram& datagram, udp::TransactionId transaction_id,
                              std::string_view message) noexcept {
  const udp::ErrorResponse response = {.transaction_id = transaction_id, .message = message};
  finish(datagram, udp::encode(response, datagram.response_room), UdpMetric::error_responses);
}

void UdpHandler::finish(net::Datagram& datagram, std::size_t response_bytes,
                        UdpMetric response) noexcept {
  datagram.response_bytes = response_bytes;
  auto& metrics = metrics_.of(datagram.source.ip.family());
  metrics.add(response);
  metrics.add(UdpMetric::sent_bytes, response_bytes);
}

bool UdpHandler::has_valid_id(const net::Datagram& datagram, udp::ConnectionId id) noexcept {
  if (connection_ids_.accepts(id, datagram.source.ip)) return true;
  metrics_.of(datagram.source.ip.family()).add(UdpMetric::bad_connection_ids);
  return false;
}

std::size_t UdpHandler::peers_wanted(const udp::AnnounceRequest& request,
                                     Family family) const noexcept {
  if (request.event == udp::Event::stopped) return 0;  // He has no use for them any more.
  const std::size_t most = std::min(options_.max_response_peers, max_peers(family));
  if (request.num_want <= 0) return most;
  return std::min(most, static_cast<std::size_t>(request.num_want));
}

}  // namespace aquatic::server
