// SPDX-License-Identifier: Apache-2.0
#include "load_test/udp_generator.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/monotonic_clock.h"
#include "load_test/alias_table.h"
#include "load_test/client_address.h"
#include "net/udp_socket.h"
#include "protocol/udp/request.h"

namespace aquatic::load_test {
namespace {

// A connect without an answer is tried again after this, as by the original load tester.
constexpr std::uint64_t kConnectRetryNs = kNsPerSecond;
// A worker looks at its stop token this often.
constexpr std::uint64_t kMaxWaitNs = 20 * kNsPerMs;
// A wait shorter than what waking up costs is better spent looking again.
constexpr std::uint64_t kMinWaitNs = 50'000;
// Workers draw different numbers, each the same in every run.
constexpr std::uint64_t kWorkerSeed = 0x776f726b657221;

// What the original says of a peer's transfers.
constexpr std::int64_t kTransferredBytes = 50;

// In an open loop the tracker alone decides how many requests are outstanding.
std::size_t capacity_for(const UdpLoadTestConfig& config) {
  if (config.rate > 0) return OutstandingRequests::kMaxCapacity;
  return std::size_t{config.network.sockets_per_worker} * config.outstanding;
}

LoadCount request_count_of(udp::Action action) noexcept {
  switch (action) {
    case udp::Action::announce: return LoadCount::announce_requests;
    case udp::Action::scrape: return LoadCount::scrape_requests;
    default: return LoadCount::connect_requests;
  }
}

}  // namespace

UdpGenerator::UdpGenerator(const UdpLoadTestConfig& config, const Population& population,
                           std::uint32_t index, TorrentTally* per_torrent)
    : config_(config),
      population_(population),
      per_torrent_(per_torrent),
      timeout_ns_(config.response_timeout_ms * kNsPerMs),
      random_(kWorkerSeed + index),
      outstanding_(capacity_for(config)) {
  const std::uint32_t lane_count = config.network.sockets_per_worker;
  for (std::uint32_t i = 0; i < lane_count; ++i) {
    const std::uint32_t socket_index = index * lane_count + i;
    Lane& lane = lanes_.emplace_back();
    lane.socket = open_connected_socket(
        config.server_address,
        source_of(socket_index, config.server_address, config.network.multiple_client_ipv4s),
        config.network.recv_buffer);
    lane.source = local_endpoint(lane.socket.get()).ip;
    lane.first_peer = lane.next_peer = socket_index;
    poll_.push_back({.fd = lane.socket.get(), .events = POLLIN, .revents = 0});
  }
  written_.reserve(kBatchDatagrams);
}

void UdpGenerator::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool is_busy = false;
    for (Lane& lane : lanes_) is_busy |= receive(lane);
    const std::uint64_t now_ns = monotonic_ns();
    give_up_lost(now_ns);
    is_busy |= send_due(now_ns);
    if (!is_busy) wait(now_ns);
  }
}

std::uint64_t UdpGenerator::kernel_drops() const noexcept {
  std::uint64_t drops = 0;
  for (const Lane& lane : lanes_) drops += net::kernel_drops(lane.socket.get());
  return drops;
}

bool UdpGenerator::receive(Lane& lane) {
  const std::size_t received = responses_.receive(lane.socket.get());
  if (received == 0) {
    if (errno == ECONNREFUSED) {
      count(LoadCount::refused);
    } else if (errno != EAGAIN && errno != EINTR) {
      count(LoadCount::receive_failures);
    }
    return false;
  }
  const std::uint64_t now_ns = monotonic_ns();
  for (std::size_t i = 0; i < received; ++i) handle(lane, responses_[i], now_ns);
  return true;
}

void UdpGenerator::handle(Lane& lane, Bytes datagram, std::uint64_t now_ns) {
  const auto response = udp::decode_response(datagram, lane.source.family());
  if (!response) return count(Fault::malformed);
  const udp::TransactionId id =
      std::visit([](const auto& r) { return r.transaction_id; }, *response);
  const auto settled = outstanding_.settle(id);
  switch (settled.match) {
    case OutstandingRequests::Match::late: return count(LoadCount::late);
    case OutstandingRequests::Match::duplicate: return count(LoadCount::duplicates);
    case OutstandingRequests::Match::unknown: return count(Fault::unknown_transaction);
    case OutstandingRequests::Match::awaited: break;
  }
  Lane& asked = lanes_[settled.request.lane];
  --asked.outstanding;
  if (&asked != &lane) return count(Fault::wrong_socket);
  accept(lane, settled.request, *response, now_ns);
}

void UdpGenerator::accept(Lane& lane, const SentRequest& request, const udp::Response& response,
                          std::uint64_t now_ns) {
  const bool is_thorough = ++responses_checked_ % kThoroughCheckEvery == 0;
  const auto fault =
      check(expectation_of(lane, request), response, is_thorough ? Depth::thorough : Depth::quick);
  if (fault) return count(*fault);
  tally_.latency.record(now_ns - request.due_ns);
  count_response(request, response);
  if (const auto* connect = std::get_if<udp::ConnectResponse>(&response)) {
    lane.connection_id = connect->connection_id;
    lane.connect_due_ns = now_ns + config_.requests.connection_id_refresh_s * kNsPerSecond;
  }
}

void UdpGenerator::count_response(const SentRequest& request, const udp::Response& response) {
  if (const auto* error = std::get_if<udp::ErrorResponse>(&response)) {
    count(LoadCount::error_responses);
    tally_.error_texts.add(error->message);
  } else if (const auto* announce = std::get_if<udp::AnnounceResponse>(&response)) {
    count(LoadCount::announce_responses);
    count(LoadCount::peers,
          announce->peers.size() / udp::peer_bytes(config_.server_address.ip.family()));
    if (per_torrent_) per_torrent_->add(population_.peers()[request.peer].torrent);
  } else {
    count(request.action == udp::Action::scrape ? LoadCount::scrape_responses
                                                : LoadCount::connect_responses);
  }
}

UdpExpectation UdpGenerator::expectation_of(const Lane& lane,
                                            const SentRequest& request) const noexcept {
  UdpExpectation expected{.action = request.action, .torrents = request.torrents};
  if (request.action == udp::Action::announce) {
    expected.announce = {
        .self = {.ip = lane.source, .port = population_.peers()[request.peer].port},
        .peers_wanted = config_.requests.announce_peers_wanted,
        .max_response_peers = config_.requests.max_response_peers};
  }
  return expected;
}

void UdpGenerator::give_up_lost(std::uint64_t now_ns) {
  if (now_ns < timeout_ns_) return;
  while (const auto lost = outstanding_.give_up(now_ns - timeout_ns_)) {
    count(LoadCount::lost);
    Lane& lane = lanes_[lost->lane];
    --lane.outstanding;
    // The tracker may have been restarted and have forgotten its ids: ask for a new one soon.
    if (lost->action != udp::Action::connect) {
      lane.connect_due_ns = std::min(lane.connect_due_ns, now_ns + kConnectRetryNs);
    }
  }
}

bool UdpGenerator::send_due(std::uint64_t now_ns) {
  if (pace_) return send_paced(now_ns);
  bool has_sent = false;
  bool is_ready = true;
  for (Lane& lane : lanes_) {
    has_sent |= send(lane, room_of(lane, now_ns), now_ns) > 0;
    is_ready &= lane.connection_id.has_value();
  }
  if (is_ready && config_.rate > 0) {
    pace_.emplace(static_cast<double>(config_.rate) / config_.workers, now_ns, timeout_ns_);
  }
  return has_sent;
}

std::size_t UdpGenerator::room_of(const Lane& lane, std::uint64_t now_ns) const noexcept {
  // Before the first connection id there is one thing to send, and only now and then.
  if (!lane.connection_id) return now_ns >= lane.connect_due_ns ? 1 : 0;
  if (config_.rate > 0) return 0;  // Other lanes are not ready yet.
  const std::size_t limit = config_.outstanding;
  return lane.outstanding < limit ? limit - lane.outstanding : 0;
}

bool UdpGenerator::send_paced(std::uint64_t now_ns) {
  count(LoadCount::unsent, pace_->skip_hopeless(now_ns));
  std::uint64_t due = pace_->due(now_ns);
  bool has_sent = false;
  // Every lane gets its share, in turns.
  const std::uint64_t share = std::max<std::uint64_t>(due / lanes_.size(), 1);
  for (std::size_t tried = 0; tried < lanes_.size() && due > 0; ++tried) {
    Lane& lane = lanes_[next_lane_++ % lanes_.size()];
    const std::size_t sent = send(lane, std::min(due, share), now_ns);
    pace_->advance(sent);
    due -= sent;
    has_sent |= sent > 0;
  }
  return has_sent;
}

std::size_t UdpGenerator::send(Lane& lane, std::size_t wanted, std::uint64_t now_ns) {
  const std::size_t most = std::min(wanted, kBatchDatagrams);
  while (requests_.size() < most && outstanding_.has_room()) {
    const std::uint64_t due_ns = pace_ ? pace_->next_due_ns(requests_.size()) : now_ns;
    const SentRequest request = choose(lane, due_ns, now_ns);
    const udp::TransactionId id = outstanding_.add(request);
    requests_.push(encode(lane, request, id, requests_.room()));
    written_.push_back({id, request.action});
  }
  return requests_.size() > 0 ? flush(lane) : 0;
}

std::size_t UdpGenerator::flush(Lane& lane) {
  const std::size_t sent = requests_.send(lane.socket.get());
  if (sent == 0) {
    // The socket reports what became of an earlier request; the next attempt goes through.
    count(errno == ECONNREFUSED ? LoadCount::refused : LoadCount::send_failures);
  }
  for (std::size_t i = 0; i < sent; ++i) count(request_count_of(written_[i].action));
  for (std::size_t i = sent; i < written_.size(); ++i) {
    outstanding_.withdraw(written_[i].transaction_id);
  }
  lane.outstanding += sent;
  requests_.clear();
  written_.clear();
  return sent;
}

SentRequest UdpGenerator::choose(Lane& lane, std::uint64_t due_ns, std::uint64_t now_ns) {
  const auto& requests = config_.requests;
  const auto index = static_cast<std::uint8_t>(&lane - lanes_.data());
  SentRequest request{.due_ns = due_ns, .lane = index, .action = udp::Action::connect};
  if (!lane.connection_id || now_ns >= lane.connect_due_ns) {
    lane.connect_due_ns = now_ns + kConnectRetryNs;
    return request;
  }
  const std::uint32_t draw =
      random_.below(requests.weight_connect + requests.weight_announce + requests.weight_scrape);
  if (draw < requests.weight_connect) return request;
  if (draw < requests.weight_connect + requests.weight_announce) {
    request.action = udp::Action::announce;
    request.peer = static_cast<std::uint32_t>(lane.next_peer);
    lane.next_peer += std::size_t{config_.workers} * lanes_.size();
    if (lane.next_peer >= population_.peers().size()) lane.next_peer = lane.first_peer;
  } else {
    request.action = udp::Action::scrape;
    request.torrents = static_cast<std::uint16_t>(1 + random_.below(requests.scrape_max_torrents));
  }
  return request;
}

std::size_t UdpGenerator::encode(const Lane& lane, const SentRequest& request,
                                 udp::TransactionId id, MutableBytes out) {
  switch (request.action) {
    case udp::Action::announce: return encode_announce(lane, request, id, out);
    case udp::Action::scrape: return encode_scrape(lane, request, id, out);
    default: return udp::encode(udp::ConnectRequest{.transaction_id = id}, out);
  }
}

std::size_t UdpGenerator::encode_announce(const Lane& lane, const SentRequest& request,
                                          udp::TransactionId id, MutableBytes out) {
  const SimulatedPeer& peer = population_.peers()[request.peer];
  const bool is_seeder = draw_share(random_) < config_.requests.peer_seeder_probability;
  udp::AnnounceRequest announce;
  announce.connection_id = *lane.connection_id;
  announce.transaction_id = id;
  announce.info_hash = Population::info_hash(peer.torrent);
  announce.downloaded = kTransferredBytes;
  announce.left = is_seeder ? 0 : kTransferredBytes;
  announce.uploaded = kTransferredBytes;
  announce.event = is_seeder ? udp::Event::completed : udp::Event::started;
  announce.num_want = config_.requests.announce_peers_wanted;
  announce.port = peer.port;
  return udp::encode(announce, out);
}

std::size_t UdpGenerator::encode_scrape(const Lane& lane, const SentRequest& request,
                                        udp::TransactionId id, MutableBytes out) {
  std::array<std::byte, udp::kMaxScrapeTorrents * InfoHash::kBytes> info_hashes;
  const std::size_t bytes = request.torrents * InfoHash::kBytes;
  for (std::size_t at = 0; at < bytes; at += InfoHash::kBytes) {
    const auto info_hash = Population::info_hash(random_.below(population_.torrent_count()));
    std::ranges::copy(info_hash.bytes, info_hashes.begin() + at);
  }
  const udp::ScrapeRequest scrape{.connection_id = *lane.connection_id,
                                  .transaction_id = id,
                                  .info_hash_bytes = Bytes(info_hashes).first(bytes)};
  return udp::encode(scrape, out);
}

void UdpGenerator::wait(std::uint64_t now_ns) noexcept {
  std::uint64_t wait_ns = kMaxWaitNs;
  if (pace_) {
    const std::uint64_t due_ns = pace_->next_due_ns();
    if (due_ns < now_ns + kMinWaitNs) return;
    wait_ns = std::min(wait_ns, due_ns - now_ns);
  }
  const timespec timeout{.tv_sec = 0, .tv_nsec = static_cast<long>(wait_ns)};
  ppoll(poll_.data(), poll_.size(), &timeout, nullptr);
}

}  // namespace aquatic::load_test
