// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/model_tracker.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace aquatic::simulation {
namespace {

constexpr std::size_t kMaxViolations = 10;

std::size_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text); }

Endpoint read_peer(Bytes bytes, Family family) {
  const IpAddress ip = family == Family::ipv4 ? IpAddress::v4(bytes.first<IpAddress::kV4Bytes>())
                                              : IpAddress::v6(bytes.first<IpAddress::kV6Bytes>());
  return {ip, load_big_endian<std::uint16_t>(bytes.data() + bytes.size() - 2)};
}

}  // namespace

std::size_t EndpointHash::operator()(const Endpoint& endpoint) const noexcept {
  return hash_of(as_text(endpoint.ip.bytes())) * 31 + endpoint.port;
}

std::size_t InfoHashHash::operator()(const InfoHash& info_hash) const noexcept {
  return hash_of(as_text(info_hash.bytes));
}

void ModelTracker::check(std::span<const net::Datagram> batch, Seconds now) {
  // Announces are answered before scrapes, each kind in order.
  std::vector<std::pair<const net::Datagram*, udp::ScrapeRequest>> scrapes;
  for (const net::Datagram& datagram : batch) {
    const auto decoded = udp::decode_request(datagram.payload);
    if (!decoded) {
      if (datagram.response_bytes > datagram.payload.size()) violation("amplified bad input");
      continue;
    }
    if (const auto* connect = std::get_if<udp::ConnectRequest>(&*decoded)) {
      check_connect(datagram, *connect, now);
    } else if (const auto* announce = std::get_if<udp::AnnounceRequest>(&*decoded)) {
      check_announce(datagram, *announce, now);
    } else {
      scrapes.emplace_back(&datagram, std::get<udp::ScrapeRequest>(*decoded));
    }
  }
  for (const auto& [datagram, request] : scrapes) check_scrape(*datagram, request, now);
}

void ModelTracker::check_connect(const net::Datagram& datagram, const udp::ConnectRequest& request,
                                 Seconds now) {
  const auto response = udp::decode_response(datagram.response_room.first(datagram.response_bytes),
                                             datagram.source.ip.family());
  const auto* connect = response ? std::get_if<udp::ConnectResponse>(&*response) : nullptr;
  if (connect == nullptr || connect->transaction_id != request.transaction_id) {
    return violation("connect not answered");
  }
  if (datagram.response_bytes > datagram.payload.size()) violation("amplified connect");
  issued_[std::string(as_text(datagram.source.ip.bytes()))][connect->connection_id] = now;
}

bool ModelTracker::was_answered(const net::Datagram& datagram, udp::ConnectionId id, Seconds now) {
  const auto ids = issued_.find(std::string(as_text(datagram.source.ip.bytes())));
  const bool was_issued = ids != issued_.end() && ids->second.contains(id);
  const Seconds age = was_issued ? now - ids->second.at(id) : 0;
  const bool is_answered = datagram.response_bytes > 0;
  if (is_answered && (!was_issued || age >= 2 * options_.max_connection_age_s)) {
    violation("answered a forged or expired connection id");
  }
  if (!is_answered && was_issued && age <= options_.max_connection_age_s) {
    violation(fmt::format("ignored a valid connection id of age {}", age));
  }
  return is_answered;
}

void ModelTracker::check_announce(const net::Datagram& datagram,
                                  const udp::AnnounceRequest& request, Seconds now) {
  if (!was_answered(datagram, request.connection_id, now)) return;
  ++announces_answered_;
  const Endpoint self = {datagram.source.ip, request.port};
  const auto response =
      udp::decode_response(datagram.response_room.first(datagram.response_bytes), self.ip.family());
  const auto* announce = response ? std::get_if<udp::AnnounceResponse>(&*response) : nullptr;
  if (announce == nullptr || announce->transaction_id != request.transaction_id) {
    return violation("announce answered with something else");
  }
  Torrent& known = torrent(self.ip, request.info_hash);
  if (!is_surely_known(known, now)) known.may_be_forgotten = true;
  std::erase_if(known.peers, [&](const auto& peer) { return is_surely_gone(peer.second, now); });
  const auto before = known.peers.find(self);
  const bool was_seeding = before != known.peers.end() && before->second.seeds;
  const bool surely_was_seeding = was_seeding && is_surely_there(before->second, now);
  if (before != known.peers.end()) known.peers.erase(before);

  const bool stops = request.event == udp::Event::stopped;
  std::size_t wanted = options_.max_response_peers;
  if (request.num_want > 0) wanted = std::min(wanted, std::size_t(request.num_want));
  if (!count(known, true, now).admits(announce->seeders)) violation("wrong seeders");
  if (!count(known, false, now).admits(announce->leechers)) violation("wrong leechers");
  check_peers(known, self, *announce, stops ? 0 : wanted, now);

  if (request.event == udp::Event::completed) {
    known.downloads.least += !was_seeding;
    known.downloads.most += !surely_was_seeding;
  }
  if (!stops) known.peers[self] = {request.left == 0, now};
}

void ModelTracker::check_peers(const Torrent& torrent, const Endpoint& self,
                               const udp::AnnounceResponse& answer, std::size_t wanted,
                               Seconds now) {
  const Family family = self.ip.family();
  const std::size_t bytes = udp::peer_bytes(family);
  const std::size_t given = answer.peers.size() / bytes;
  if (given != std::min<std::size_t>(wanted, answer.seeders + answer.leechers)) {
    violation(fmt::format("gave {} peers of {} where {} were wanted", given,
                          answer.seeders + answer.leechers, wanted));
  }
  std::set<Endpoint> distinct;
  for (std::size_t i = 0; i < given; ++i) {
    const Endpoint peer = read_peer(answer.peers.subspan(i * bytes, bytes), family);
    const auto known = torrent.peers.find(peer);
    if (peer == self) violation("gave a peer himself");
    if (!distinct.insert(peer).second) violation("gave a peer twice");
    if (known == torrent.peers.end()) {
      violation("gave a peer that nobody announced: " + peer.to_string());
    } else if (is_surely_gone(known->second, now)) {
      violation("gave a peer that is long gone");
    }
  }
  peers_given_ += given;
}

void ModelTracker::check_scrape(const net::Datagram& datagram, const udp::ScrapeRequest& request,
                                Seconds now) {
  if (!was_answered(datagram, request.connection_id, now)) return;
  const auto response = udp::decode_response(datagram.response_room.first(datagram.response_bytes),
                                             datagram.source.ip.family());
  const auto* scrape = response ? std::get_if<udp::ScrapeResponse>(&*response) : nullptr;
  if (scrape == nullptr || scrape->size() != request.size()) return violation("wrong scrape");
  for (std::size_t i = 0; i < request.size(); ++i) {
    const Torrent& known = torrent(datagram.source.ip, request[i]);
    const udp::TorrentScrape got = (*scrape)[i];
    if (!count(known, true, now).admits(got.seeders)) violation("wrong scrape seeders");
    if (!count(known, false, now).admits(got.leechers)) violation("wrong scrape leechers");
    if (got.completed > known.downloads.most) violation("downloads from nowhere");
    if (is_surely_known(known, now) && !known.may_be_forgotten &&
        got.completed < known.downloads.least) {
      violation("lost downloads");
    }
  }
}

ModelTracker::Count ModelTracker::count(const Torrent& torrent, bool seeds, Seconds now) const {
  Count count;
  for (const auto& [endpoint, peer] : torrent.peers) {
    if (peer.seeds != seeds) continue;
    count.least += is_surely_there(peer, now);
    count.most += !is_surely_gone(peer, now);
  }
  return count;
}

bool ModelTracker::is_surely_there(const Peer& peer, Seconds now) const {
  return now - peer.seen_at <= options_.max_peer_age_s;
}

bool ModelTracker::is_surely_gone(const Peer& peer, Seconds now) const {
  return now - peer.seen_at > options_.max_peer_age_s + options_.linger_s;
}

bool ModelTracker::is_surely_known(const Torrent& torrent, Seconds now) const {
  return std::any_of(torrent.peers.begin(), torrent.peers.end(),
                     [&](const auto& peer) { return is_surely_there(peer.second, now); });
}

ModelTracker::Torrent& ModelTracker::torrent(const IpAddress& ip, const InfoHash& info_hash) {
  return torrents_[ip.is_v4() ? 0 : 1][info_hash];
}

void ModelTracker::violation(const std::string& what) {
  if (violations_.size() < kMaxViolations) violations_.push_back(what);
}

}  // namespace aquatic::simulation
