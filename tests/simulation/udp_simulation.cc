// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/udp_simulation.h"

#include <algorithm>
#include <unordered_map>

#include "base/check.h"
#include "tests/simulation/simulated_peer.h"

namespace aquatic::simulation {
namespace {

constexpr Milliseconds kSecond = 1000;
constexpr Milliseconds kStep = 20;  // How often workers and the control plane look around.
constexpr Seconds kMaxConnectionAge = 120;
constexpr Seconds kMaxPeerAge = 90;
constexpr Seconds kCleaningInterval = 20;
constexpr std::size_t kMaxResponsePeers = 30;

InfoHash numbered_torrent(std::uint64_t kind, std::uint64_t number) {
  InfoHash info_hash;
  store_big_endian(info_hash.bytes.data(), kind);
  store_big_endian(info_hash.bytes.data() + 12, number);
  return info_hash;
}

Endpoint numbered_endpoint(Family family, std::uint32_t number, std::uint16_t port) {
  std::array<std::byte, IpAddress::kV6Bytes> bytes{std::byte{0x20}, std::byte{0x01}};
  store_big_endian(bytes.data() + 12, number);
  if (family == Family::ipv6) return {IpAddress::v6(bytes), port};
  bytes[12] = std::byte{10};
  return {IpAddress::v4(std::span(bytes).last<IpAddress::kV4Bytes>()), port};
}

class UdpSimulation {
 public:
  explicit UdpSimulation(const Scenario& scenario);
  Outcome run();

 private:
  struct Worker {
    std::unique_ptr<server::UdpMetrics> metrics;
    std::unique_ptr<server::UdpHandler> handler;
    std::unique_ptr<SimulatedSocket> socket;
  };

  void step();
  void let_peers_act();
  void let_others_act();
  void send_flood();
  void deliver();
  void let_workers_answer();
  void remember(std::span<const net::Datagram> batch);
  Seconds tracker_time() const;
  // So many a second, evenly.
  unsigned due(unsigned per_s) const;
  std::vector<std::byte> flood_announce(const InfoHash& torrent, std::uint16_t port);

  Scenario scenario_;
  Random random_;
  SimulatedNetwork network_;
  swarm::Swarm swarm_;
  access_list::Holder access_list_;
  ModelTracker model_;
  Endpoint tracker_ = numbered_endpoint(Family::ipv4, 1, 3000);
  std::vector<Worker> workers_;
  std::vector<SimulatedPeer> peers_;
  std::unordered_map<Endpoint, std::size_t, EndpointHash> peer_of_;
  Milliseconds now_ = 0;
  Seconds cleaned_at_ = 0;
  // The flooding host: no liar, only greedy.
  Endpoint flooder_ = numbered_endpoint(Family::ipv4, 2, 6881);
  std::optional<udp::ConnectionId> flooder_id_;
  std::uint64_t flooded_ = 0;
  bool is_over_ = false;
  Outcome outcome_;
};

swarm::Options swarm_options() {
  return {.max_peer_age_s = kMaxPeerAge,
          .expire_interval_s = kCleaningInterval,
          .shard_count = 256,
          .hash_seed = 5};
}

UdpSimulation::UdpSimulation(const Scenario& scenario)
    : scenario_(scenario),
      random_(scenario.seed),
      network_(scenario.faults, random_()),
      swarm_(swarm_options()),
      // Linger: one cleaning interval, and a second each for rounding and for the tick.
      model_({kMaxConnectionAge, kMaxPeerAge, kCleaningInterval + 2, kMaxResponsePeers}) {
  const server::ConnectionIds ids({}, kMaxConnectionAge, 1'000'000);
  const server::UdpHandlerOptions options = {.announce_interval_s = scenario.announce_interval_s,
                                             .max_response_peers = kMaxResponsePeers};
  for (std::size_t i = 0; i < scenario.worker_count; ++i) {
    Worker worker;
    worker.metrics = std::make_unique<server::UdpMetrics>();
    worker.handler = std::make_unique<server::UdpHandler>(options, swarm_, access_list_, ids,
                                                          random_(), *worker.metrics);
    worker.socket = std::make_unique<SimulatedSocket>(network_, tracker_, random_());
    workers_.push_back(std::move(worker));
  }
  for (std::size_t i = 0; i < scenario.peer_count; ++i) {
    const Family family = i % 2 == 0 ? Family::ipv4 : Family::ipv6;
    // Ten ports behind each address: neighbours are told apart by the port alone.
    const auto host = static_cast<std::uint32_t>(100 + i / 20);
    const Endpoint self = numbered_endpoint(family, host, static_cast<std::uint16_t>(1 + i % 20));
    // The square makes the first torrents large and the last ones small.
    const double share = static_cast<double>(random_.below(1000)) / 1000;
    const auto torrent =
        static_cast<std::uint64_t>(share * share * static_cast<double>(scenario.torrent_count));
    peer_of_[self] = peers_.size();
    peers_.emplace_back(self, numbered_torrent(0, torrent), scenario.announce_interval_s,
                        random_());
  }
}

Outcome UdpSimulation::run() {
  while (now_ < scenario_.duration_s * kSecond) step();
  // Everybody falls silent; the tracker forgets them.
  is_over_ = true;
  const Milliseconds end = now_ + (kMaxPeerAge + 2 * kCleaningInterval + 2) * kSecond;
  while (now_ < end) step();
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    outcome_.remaining_peers += swarm_.totals(family).peers;
    outcome_.remaining_torrents += swarm_.totals(family).torrents;
  }
  for (const SimulatedPeer& peer : peers_) {
    outcome_.announces_sent += peer.announces_sent();
    outcome_.announces_given_up += peer.announces_given_up();
  }
  outcome_.violations = model_.violations();
  outcome_.announces_answered = model_.announces_answered();
  outcome_.peers_given = model_.peers_given();
  return outcome_;
}

void UdpSimulation::step() {
  now_ += kStep;
  if (tracker_time() != cleaned_at_) {
    cleaned_at_ = tracker_time();
    swarm_.expire_some(cleaned_at_, [](const InfoHash&) { return true; });
  }
  if (!is_over_) {
    let_peers_act();
    let_others_act();
  }
  deliver();
  let_workers_answer();
}

void UdpSimulation::let_peers_act() {
  for (SimulatedPeer& peer : peers_) {
    if (peer.wakes_at() <= now_) network_.send(peer.self(), tracker_, peer.act(now_), now_);
  }
}

void UdpSimulation::let_others_act() {
  const auto anybody = [&] {
    const Family family = random_.below(2) == 0 ? Family::ipv4 : Family::ipv6;
    return numbered_endpoint(family, static_cast<std::uint32_t>(random_()), 7);
  };
  for (unsigned i = due(scenario_.forged_connects_per_s); i > 0; --i) {
    std::array<std::byte, udp::kConnectRequestBytes> datagram;
    udp::encode(udp::ConnectRequest{1}, datagram);
    network_.send(anybody(), tracker_, datagram, now_);
  }
  for (unsigned i = due(scenario_.forged_announces_per_s); i > 0; --i) {
    // In the name of a peer that exists: what an attacker would like to take off the list.
    const Endpoint victim = peers_[random_.below(static_cast<std::uint32_t>(peers_.size()))].self();
    udp::AnnounceRequest request;
    request.connection_id = random_();
    request.event = udp::Event::stopped;
    request.port = victim.port;
    std::array<std::byte, udp::kAnnounceRequestBytes> datagram;
    udp::encode(request, datagram);
    network_.send(victim, tracker_, datagram, now_);
  }
  for (unsigned i = due(scenario_.random_datagrams_per_s); i > 0; --i) {
    std::vector<std::byte> datagram(random_.below(200));
    for (std::byte& b : datagram) b = static_cast<std::byte>(random_());
    // Most random bytes fail at the action: give half of them a good one.
    if (datagram.size() >= 12 && random_.below(2) == 0) {
      store_big_endian(datagram.data() + 8, random_.below(4));
    }
    network_.send(anybody(), tracker_, datagram, now_);
  }
  send_flood();
}

void UdpSimulation::send_flood() {
  if (scenario_.new_torrent_announces_per_s + scenario_.hot_torrent_announces_per_s == 0) return;
  if (now_ % (30 * kSecond) == kStep) {
    std::array<std::byte, udp::kConnectRequestBytes> datagram;
    udp::encode(udp::ConnectRequest{1}, datagram);
    network_.send(flooder_, tracker_, datagram, now_);
  }
  if (!flooder_id_) return;
  for (unsigned i = due(scenario_.new_torrent_announces_per_s); i > 0; --i) {
    network_.send(flooder_, tracker_, flood_announce(numbered_torrent(1, ++flooded_), 6881), now_);
  }
  for (unsigned i = due(scenario_.hot_torrent_announces_per_s); i > 0; --i) {
    const auto port = static_cast<std::uint16_t>(1 + ++flooded_ % 65'535);
    network_.send(flooder_, tracker_, flood_announce(numbered_torrent(0, 0), port), now_);
  }
}

std::vector<std::byte> UdpSimulation::flood_announce(const InfoHash& torrent, std::uint16_t port) {
  udp::AnnounceRequest request;
  request.connection_id = *flooder_id_;
  request.info_hash = torrent;
  request.port = port;
  std::vector<std::byte> datagram(udp::kAnnounceRequestBytes);
  udp::encode(request, datagram);
  return datagram;
}

void UdpSimulation::deliver() {
  Delivery delivery;
  while (network_.take(now_, delivery)) {
    if (delivery.destination == tracker_) {
      // Any worker may get anything: steering is for speed only.
      const auto worker = random_.below(static_cast<std::uint32_t>(workers_.size()));
      workers_[worker].socket->deliver(std::move(delivery));
    } else if (delivery.destination == flooder_) {
      const auto response = udp::decode_response(delivery.payload, Family::ipv4);
      if (!response) continue;
      if (const auto* connect = std::get_if<udp::ConnectResponse>(&*response)) {
        flooder_id_ = connect->connection_id;
      }
    } else if (const auto peer = peer_of_.find(delivery.destination); peer != peer_of_.end()) {
      peers_[peer->second].receive(delivery.payload, now_);
    }
  }
}

void UdpSimulation::let_workers_answer() {
  for (Worker& worker : workers_) {
    worker.socket->set_time(now_);
    while (true) {
      const std::span<net::Datagram> batch = worker.socket->receive({});
      if (batch.empty()) break;
      worker.handler->handle(batch, tracker_time());
      model_.check(batch, tracker_time());
      remember(batch);
      worker.socket->send(batch);
    }
  }
}

void UdpSimulation::remember(std::span<const net::Datagram> batch) {
  constexpr std::uint64_t kFnvPrime = 0x100000001b3;
  for (const net::Datagram& datagram : batch) {
    for (const std::byte b : datagram.response_room.first(datagram.response_bytes)) {
      outcome_.history = (outcome_.history ^ std::to_integer<std::uint64_t>(b)) * kFnvPrime;
    }
  }
}

Seconds UdpSimulation::tracker_time() const {
  const auto passed = static_cast<Seconds>(now_ / kSecond);
  return passed < scenario_.duration_s / 2 ? passed : passed + scenario_.clock_jump_s;
}

unsigned UdpSimulation::due(unsigned per_s) const {
  const auto until = [&](Milliseconds at) { return at * per_s / kSecond; };
  return static_cast<unsigned>(until(now_) - until(now_ - kStep));
}

}  // namespace

Outcome simulate(const Scenario& scenario) { return UdpSimulation(scenario).run(); }

}  // namespace aquatic::simulation
