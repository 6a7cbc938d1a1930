// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulated_peer.h"

namespace aquatic::simulation {
namespace {

constexpr Milliseconds kSecond = 1000;
// BEP 15: an id may be used for a minute, a request is repeated after 15 s times 2^n.
constexpr Milliseconds kIdAge = 60 * kSecond;
constexpr Milliseconds kFirstTimeout = 15 * kSecond;
constexpr unsigned kMaxTries = 4;  // BEP 15 says 9; an hour of silence would prove nothing more.
constexpr std::size_t kScrapeTorrents = 2;

}  // namespace

SimulatedPeer::SimulatedPeer(const Endpoint& self, const InfoHash& torrent, Seconds interval_s,
                             std::uint64_t seed)
    : self_(self), torrent_(torrent), interval_s_(interval_s), random_(seed) {
  wakes_at_ = part_of_interval();
  seeds_ = random_.below(3) == 0;
}

std::vector<std::byte> SimulatedPeer::act(Milliseconds now) {
  if (tries_ == kMaxTries) {
    ++announces_given_up_;
    tries_ = 0;
    id_.reset();
  }
  wakes_at_ = now + (kFirstTimeout << tries_);
  ++tries_;
  awaited_ = static_cast<udp::TransactionId>(random_());
  if (!id_ || now - id_given_at_ >= kIdAge) {
    id_.reset();
    std::vector<std::byte> datagram(udp::kConnectRequestBytes);
    udp::encode(udp::ConnectRequest{*awaited_}, datagram);
    return datagram;
  }
  return random_.below(10) == 0 ? encode_scrape() : encode_announce();
}

std::vector<std::byte> SimulatedPeer::encode_announce() {
  ++announces_sent_;
  udp::AnnounceRequest request;
  request.connection_id = *id_;
  request.transaction_id = *awaited_;
  request.info_hash = torrent_;
  request.left = seeds_ ? 0 : 1;
  request.event = event_;
  request.num_want = static_cast<std::int32_t>(random_.below(40)) - 1;
  request.port = self_.port;
  std::vector<std::byte> datagram(udp::kAnnounceRequestBytes);
  udp::encode(request, datagram);
  return datagram;
}

std::vector<std::byte> SimulatedPeer::encode_scrape() {
  std::array<InfoHash, kScrapeTorrents> torrents = {torrent_, InfoHash{}};
  udp::ScrapeRequest request;
  request.connection_id = *id_;
  request.transaction_id = *awaited_;
  request.info_hash_bytes = std::as_bytes(std::span(torrents));
  std::vector<std::byte> datagram(udp::kScrapeRequestHeaderBytes + request.info_hash_bytes.size());
  udp::encode(request, datagram);
  return datagram;
}

void SimulatedPeer::receive(Bytes response, Milliseconds now) {
  const auto decoded = udp::decode_response(response, self_.ip.family());
  if (!decoded) return;
  const auto transaction_id = std::visit([](const auto& r) { return r.transaction_id; }, *decoded);
  if (awaited_ != transaction_id) return;  // Late or doubled.
  awaited_.reset();
  tries_ = 0;
  if (const auto* connect = std::get_if<udp::ConnectResponse>(&*decoded)) {
    id_ = connect->connection_id;
    id_given_at_ = now;
    wakes_at_ = now;
  } else {
    if (std::holds_alternative<udp::AnnounceResponse>(*decoded)) choose_next_event();
    wakes_at_ = now + interval_s_ * kSecond / 2 + part_of_interval();
  }
}

void SimulatedPeer::choose_next_event() {
  if (event_ == udp::Event::stopped) {  // Comes back, perhaps for something else of the torrent.
    event_ = udp::Event::started;
    seeds_ = random_.below(3) == 0;
    return;
  }
  event_ = udp::Event::none;
  const std::uint32_t dice = random_.below(10);
  if (dice == 0) event_ = udp::Event::stopped;
  if (dice == 1) event_ = udp::Event::paused;
  if (dice == 2 && !seeds_) {
    event_ = udp::Event::completed;
    seeds_ = true;
  }
}

Milliseconds SimulatedPeer::part_of_interval() {
  return random_.below(static_cast<std::uint32_t>(interval_s_ * kSecond));
}

}  // namespace aquatic::simulation
