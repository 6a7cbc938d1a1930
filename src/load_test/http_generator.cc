// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_generator.h"

#include <algorithm>
#include <chrono>

#include "base/monotonic_clock.h"
#include "load_test/client_address.h"

namespace aquatic::load_test {
namespace {

using Status = net::IoResult::Status;
using State = ClientStream::State;

// A worker looks for timeouts and at its stop token this often.
constexpr std::uint64_t kLookEveryNs = 10 * kNsPerMs;
// A tracker that is gone is not asked for more than a few connections a second.
constexpr std::uint64_t kRetryNs = 100 * kNsPerMs;
// Bytes that are received at once: more than a dozen responses.
constexpr std::size_t kRoomBytes = 64 * 1024;
// Workers draw different numbers, each the same in every run.
constexpr std::uint64_t kWorkerSeed = 0x687474702121;

constexpr std::size_t peer_bytes(bool is_v4) noexcept {
  return (is_v4 ? IpAddress::kV4Bytes : IpAddress::kV6Bytes) + sizeof(std::uint16_t);
}

}  // namespace

HttpGenerator::HttpGenerator(const HttpLoadTestConfig& config, const Population& population,
                             std::uint32_t index, TorrentTally* per_torrent)
    : config_(config),
      population_(population),
      per_torrent_(per_torrent),
      timeout_ns_(config.response_timeout_ms * kNsPerMs),
      peer_stride_(config.num_workers * config.num_connections),
      requests_(config, population, kWorkerSeed + index),
      tls_({.version = config.tls_version, .resumes = config.resume_tls_sessions}),
      room_(kRoomBytes) {
  for (std::uint32_t i = 0; i < config.num_connections; ++i) {
    const std::uint32_t number = index * config.num_connections + i;
    HttpConnection& connection = connections_.emplace_back(config.pipelining);
    connection.source = source_of(number, config.server_address, config.multiple_client_ipv4s);
    connection.first_peer = connection.next_peer = number;
  }
}

void HttpGenerator::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const std::uint64_t now_ns = monotonic_ns();
    create_connections(now_ns);
    if (now_ns >= next_look_ns_) look_after(now_ns);
    if (pace_) send_paced(now_ns);
    for (const epoll_event& event : poller_.wait(std::chrono::milliseconds(wait_ms(now_ns)))) {
      handle(event);
    }
  }
}

void HttpGenerator::create_connections(std::uint64_t now_ns) {
  if (created_ == connections_.size()) return;
  if (created_ == 0) next_creation_ns_ = now_ns;
  while (created_ < connections_.size() && now_ns >= next_creation_ns_) {
    next_creation_ns_ += config_.connection_creation_interval_ms * kNsPerMs;
    refill(connections_[created_++], now_ns);
  }
  if (created_ == connections_.size() && config_.rate > 0) {
    pace_.emplace(static_cast<double>(config_.rate) / config_.num_workers, now_ns, timeout_ns_);
  }
}

void HttpGenerator::look_after(std::uint64_t now_ns) {
  next_look_ns_ = now_ns + kLookEveryNs;
  for (std::size_t i = 0; i < created_; ++i) {
    HttpConnection& connection = connections_[i];
    const bool is_late =
        connection.sent.size() > 0 && connection.sent.oldest().due_ns + timeout_ns_ < now_ns;
    if (is_late) end(connection, Ending::broken);
    if (connection.sent.size() == 0) refill(connection, now_ns);
  }
}

void HttpGenerator::handle(const epoll_event& event) {
  const auto index = static_cast<std::uint32_t>(event.data.u64);
  const auto generation = static_cast<std::uint32_t>(event.data.u64 >> 32);
  HttpConnection& connection = connections_[index];
  if (connection.generation != generation || connection.stream.state() == State::closed) return;
  if (!is_open(connection)) return;
  receive(connection);
  refill(connection, monotonic_ns());
}

bool HttpGenerator::is_open(HttpConnection& connection) {
  if (connection.stream.state() != State::open) {
    switch (connection.stream.advance()) {
      case State::closed:
        count(LoadCount::connection_failures);
        end(connection, Ending::broken);
        return false;
      case State::open: note_open(connection); break;
      default: return false;
    }
  }
  flush(connection);
  return connection.stream.state() == State::open;
}

void HttpGenerator::note_open(HttpConnection& connection) {
  count(LoadCount::connections);
  connection.self =
      connection.source ? *connection.source : local_endpoint(connection.stream.fd()).ip;
  if (!config_.enable_tls) return;
  count(connection.stream.is_resumed() ? LoadCount::resumed_handshakes
                                       : LoadCount::full_handshakes);
}

void HttpGenerator::receive(HttpConnection& connection) {
  for (;;) {
    const net::IoResult result = connection.stream.receive(room_);
    count(LoadCount::received_bytes, result.bytes);
    connection.add_input(Bytes(room_).first(result.bytes));
    const bool has_ended = result.status == Status::closed || result.status == Status::failed;
    if (!settle(connection, has_ended)) return;
    connection.keep_input();
    if (has_ended) {
      return end(connection, connection.sent.size() > 0 ? Ending::broken : Ending::expected);
    }
    if (result.status != Status::done) return;
  }
}

bool HttpGenerator::settle(HttpConnection& connection, bool has_ended) {
  while (!connection.input().empty()) {
    const auto response = read_http_response(connection.input(), has_ended);
    if (!response && response.error() == HttpReadError::incomplete) return true;
    const bool is_asked_for = connection.sent.size() > 0;
    if (!response || !is_asked_for) {
      count(response ? Fault::unknown_transaction : Fault::malformed);
      if (is_asked_for) connection.sent.pop();  // Wrong, not lost.
      end(connection, Ending::broken);
      return false;
    }
    accept(connection, connection.sent.pop(), *response);
    connection.consume(response->bytes);
    if (response->keeps_alive && config_.keep_alive) continue;
    end(connection, connection.sent.size() > 0 ? Ending::broken : Ending::expected);
    return false;
  }
  return true;
}

void HttpGenerator::accept(HttpConnection& connection, const HttpSentRequest& request,
                           const HttpResponse& response) {
  const bool is_thorough = ++responses_checked_ % kThoroughCheckEvery == 0;
  const auto right = check(requests_.expectation_of(request, connection.self), response,
                           is_thorough ? Depth::thorough : Depth::quick);
  if (!right) return count(right.error());
  tally_.latency.record(monotonic_ns() - request.due_ns);
  count_response(request, *right);
}

void HttpGenerator::count_response(const HttpSentRequest& request, const http::Response& response) {
  if (const auto* failure = std::get_if<http::Failure>(&response)) {
    count(LoadCount::error_responses);
    tally_.error_texts.add(failure->reason);
  } else if (const auto* announce = std::get_if<http::ReceivedAnnounce>(&response)) {
    count(LoadCount::announce_responses);
    count(LoadCount::peers,
          announce->peers.size() / peer_bytes(true) + announce->peers6.size() / peer_bytes(false));
    if (per_torrent_) per_torrent_->add(population_.peers()[request.peer].torrent);
  } else {
    count(LoadCount::scrape_responses);
  }
}

void HttpGenerator::end(HttpConnection& connection, Ending ending) {
  count(LoadCount::lost, connection.sent.size());
  if (ending == Ending::broken) {
    if (connection.stream.state() == State::open) count(LoadCount::broken_connections);
    connection.closed_until_ns = monotonic_ns() + kRetryNs;
  }
  connection.close();
}

void HttpGenerator::refill(HttpConnection& connection, std::uint64_t now_ns) {
  if (config_.rate > 0) return;
  bool has_asked = false;
  for (; can_take(connection, now_ns); has_asked = true) ask(connection, now_ns);
  if (has_asked) flush(connection);
}

void HttpGenerator::send_paced(std::uint64_t now_ns) {
  count(LoadCount::unsent, pace_->skip_hopeless(now_ns));
  std::uint64_t due = pace_->due(now_ns);
  // Every connection gets its share, in turns.
  for (std::size_t tried = 0; tried < connections_.size() && due > 0; ++tried) {
    HttpConnection& connection = connections_[next_connection_++ % connections_.size()];
    const std::uint64_t share = std::max<std::uint64_t>(due / connections_.size(), 1);
    bool has_asked = false;
    for (std::uint64_t i = 0; i < share && can_take(connection, now_ns); ++i) {
      ask(connection, pace_->next_due_ns());
      pace_->advance(1);
      --due;
      has_asked = true;
    }
    if (has_asked) flush(connection);
  }
}

bool HttpGenerator::can_take(const HttpConnection& connection,
                             std::uint64_t now_ns) const noexcept {
  return connection.sent.has_room() && now_ns >= connection.closed_until_ns;
}

void HttpGenerator::ask(HttpConnection& connection, std::uint64_t due_ns) {
  const HttpSentRequest request = requests_.choose(connection.next_peer, due_ns);
  requests_.encode(request, connection.output);
  connection.sent.push(request);
  if (request.is_scrape()) return count(LoadCount::scrape_requests);
  count(LoadCount::announce_requests);
  connection.next_peer += peer_stride_;
  if (connection.next_peer >= population_.peers().size()) {
    connection.next_peer = connection.first_peer;
  }
}

void HttpGenerator::flush(HttpConnection& connection) {
  switch (connection.stream.state()) {
    case State::closed:
      if (open(connection)) return;
      count(LoadCount::connection_failures);
      return end(connection, Ending::broken);
    case State::open:
      if (const auto bytes = connection.flush()) return count(LoadCount::sent_bytes, *bytes);
      return end(connection, Ending::broken);
    default: return;  // Once it is open.
  }
}

bool HttpGenerator::open(HttpConnection& connection) {
  TlsClient* tls = config_.enable_tls ? &tls_ : nullptr;
  if (!connection.stream.open(config_.server_address, connection.source, tls)) return false;
  const auto index = static_cast<std::uint64_t>(&connection - connections_.data());
  const std::uint64_t key = std::uint64_t{++connection.generation} << 32 | index;
  return poller_.add(connection.stream.fd(), ClientStream::kEvents, key);
}

// The poller counts in milliseconds: less than one is spent looking again.
int HttpGenerator::wait_ms(std::uint64_t now_ns) const noexcept {
  std::uint64_t wait_ns = kLookEveryNs;
  const auto until = [&](std::uint64_t then_ns) {
    wait_ns = std::min(wait_ns, then_ns > now_ns ? then_ns - now_ns : 0);
  };
  if (created_ < connections_.size()) until(next_creation_ns_);
  if (pace_) until(pace_->next_due_ns());
  return static_cast<int>(wait_ns / kNsPerMs);
}

}  // namespace aquatic::load_test
