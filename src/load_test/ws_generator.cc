// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_generator.h"

#include <algorithm>
#include <chrono>
#include <variant>

#include "base/monotonic_clock.h"
#include "load_test/client_address.h"
#include "protocol/ws/upgrade.h"

namespace aquatic::load_test {
namespace {

using Status = net::IoResult::Status;
using State = ClientStream::State;

// A worker looks at its stop token, and at some of its connections for timeouts, this often;
constexpr std::uint64_t kLookEveryNs = 10 * kNsPerMs;
// at each of them after so many times, since there may be thousands.
constexpr std::size_t kLooksForAll = 10;
// A tracker that is gone is not asked for more than a few connections a second.
constexpr std::uint64_t kRetryNs = 100 * kNsPerMs;
// Connections of a worker that open at once: no tracker's backlog is that short.
constexpr std::size_t kMaxOpening = 64;
// Bytes that are received at once: dozens of messages.
constexpr std::size_t kRoomBytes = 64 * 1024;
// Of a message of the tracker: the largest that we ask for are scrapes of a hundred torrents.
constexpr std::size_t kMaxMessageBytes = 128 * 1024;
// Unsent bytes above which a connection does not answer offers any more: the tracker does not read.
constexpr std::size_t kMaxOutputBytes = 1024 * 1024;
// Workers draw different numbers, each the same in every run.
constexpr std::uint64_t kWorkerSeed = 0x77732121;

Fault fault_of(ws::ResponseError error) noexcept {
  return error == ws::ResponseError::bad_field ? Fault::missing_keys : Fault::malformed;
}

}  // namespace

WsGenerator::WsGenerator(const WsLoadTestConfig& config, const WsPeers& peers, OfferLedger& ledger,
                         std::uint32_t index, TorrentTally* per_torrent)
    : config_(config),
      peers_(peers),
      per_torrent_(per_torrent),
      timeout_ns_(config.response_timeout_ms * kNsPerMs),
      host_(config.server_address.Endpoint::to_string()),
      requests_(config, peers, ledger, kWorkerSeed + index),
      relays_(peers, ledger, config.torrents.sdp_bytes),
      reader_(ws::Side::server,
              {.max_frame_bytes = kMaxMessageBytes, .max_message_bytes = kMaxMessageBytes}),
      decoder_(kMaxMessageBytes),
      tls_({.version = config.tls_version, .resumes = config.resume_tls_sessions}),
      room_(kRoomBytes) {
  const std::uint32_t busy = config.num_connections_per_worker;
  const std::uint32_t idle = config.num_idle_connections_per_worker;
  connections_.reserve(busy + idle);
  add_connections(index * busy, busy);
  add_connections(peers.busy_count() + index * idle, idle);
}

void WsGenerator::add_connections(std::uint32_t first_number, std::uint32_t count) {
  for (std::uint32_t number = first_number; number < first_number + count; ++number) {
    const std::size_t room = peers_.is_idle(number) ? 1 : config_.outstanding;
    connections_.emplace_back(number, room).source =
        source_of(number, config_.server_address, config_.multiple_client_ipv4s);
  }
}

void WsGenerator::run(const std::stop_token& stop) {
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

void WsGenerator::create_connections(std::uint64_t now_ns) {
  if (created_ == connections_.size()) return;
  if (created_ == 0) next_creation_ns_ = now_ns;
  while (created_ < connections_.size() && now_ns >= next_creation_ns_ && opening_ < kMaxOpening) {
    next_creation_ns_ += config_.connection_creation_interval_ms * kNsPerMs;
    refill(connections_[connections_.size() - ++created_], now_ns);
  }
  if (created_ == connections_.size() && config_.rate > 0) {
    pace_.emplace(static_cast<double>(config_.rate) / config_.num_workers, now_ns, timeout_ns_);
  }
}

void WsGenerator::look_after(std::uint64_t now_ns) {
  next_look_ns_ = now_ns + kLookEveryNs;
  for (std::size_t i = 0; i < 1 + created_ / kLooksForAll && created_ > 0; ++i) {
    look_after(connections_[connections_.size() - 1 - next_looked_at_++ % created_], now_ns);
  }
}

void WsGenerator::look_after(WsConnection& connection, std::uint64_t now_ns) {
  const bool is_late =
      connection.is_upgraded
          ? connection.sent.size() > 0 && connection.sent.oldest().due_ns + timeout_ns_ < now_ns
          : connection.stream.state() != State::closed &&
                connection.opened_ns + timeout_ns_ < now_ns;
  if (is_late) end(connection);
  refill(connection, now_ns);
}

void WsGenerator::handle(const epoll_event& event) {
  const auto index = static_cast<std::uint32_t>(event.data.u64);
  const auto generation = static_cast<std::uint32_t>(event.data.u64 >> 32);
  WsConnection& connection = connections_[index];
  if (connection.generation != generation || connection.stream.state() == State::closed) return;
  if (!is_open(connection)) return;
  receive(connection);
  refill(connection, monotonic_ns());
  flush(connection);
}

bool WsGenerator::is_open(WsConnection& connection) {
  if (connection.stream.state() != State::open) {
    switch (connection.stream.advance()) {
      case State::closed: end(connection); return false;
      case State::open: begin_upgrade(connection); break;
      default: return false;
    }
  }
  flush(connection);
  return connection.stream.state() == State::open;
}

void WsGenerator::begin_upgrade(WsConnection& connection) {
  connection.nonce = requests_.draw_nonce();
  ws::encode_upgrade_request(host_, "/", connection.nonce, connection.output);
  if (!config_.enable_tls) return;
  count(connection.stream.is_resumed() ? LoadCount::resumed_handshakes
                                       : LoadCount::full_handshakes);
}

void WsGenerator::receive(WsConnection& connection) {
  for (;;) {
    const net::IoResult result = connection.stream.receive(room_);
    count(LoadCount::received_bytes, result.bytes);
    connection.add_input(Bytes(room_).first(result.bytes));
    if (!settle(connection)) return end(connection);
    connection.keep_input();
    if (result.status == Status::closed || result.status == Status::failed) return end(connection);
    if (result.status != Status::done) return;
  }
}

bool WsGenerator::settle(WsConnection& connection) {
  if (!connection.is_upgraded && !settle_upgrade(connection)) return false;
  while (connection.is_upgraded && !connection.input().empty()) {
    Bytes rest = connection.input();
    const auto received = reader_.next(rest, connection.partial);
    if (!received) {
      count(Fault::malformed);
      return false;
    }
    connection.consume(connection.input().size() - rest.size());
    if (!*received) return true;
    const bool goes_on =
        std::visit([&](const auto& each) { return take(connection, each); }, **received);
    if (!goes_on) return false;
  }
  return true;
}

bool WsGenerator::settle_upgrade(WsConnection& connection) {
  const auto head = ws::decode_upgrade_response(connection.input(), connection.nonce);
  if (!head) {
    if (head.error() == ws::UpgradeResponseError::incomplete) return true;
    if (head.error() == ws::UpgradeResponseError::malformed) count(Fault::malformed);
    return false;
  }
  connection.consume(*head);
  connection.is_upgraded = true;
  --opening_;
  count(LoadCount::connections);
  const std::uint64_t open = open_.load(std::memory_order_relaxed) + 1;
  open_.store(open, std::memory_order_relaxed);
  if (open == connections_.size()) is_ready_.store(true, std::memory_order_relaxed);
  return true;
}

bool WsGenerator::take(WsConnection& connection, const ws::Message& message) {
  const auto decoded = decoder_.decode(message.payload);
  if (!decoded) {
    count(fault_of(decoded.error()));
    // Perhaps it was a response; waiting for another would be in vain.
    return false;
  }
  std::visit([&](const auto& response) { accept(connection, response); }, *decoded);
  return true;
}

bool WsGenerator::take(WsConnection& connection, const ws::Ping& ping) {
  count(LoadCount::pings);
  requests_.encode_pong(ping.payload, connection.output);
  return true;
}

bool WsGenerator::take(WsConnection&, const ws::Close& close) {
  tally_.error_texts.add("closed with " + std::to_string(close.code.value_or(0)) + ": " +
                         std::string(close.reason));
  return false;
}

template <class Response>
std::optional<WsSentRequest> WsGenerator::request_of(WsConnection& connection,
                                                     const Response& response) {
  if (connection.sent.size() == 0) {
    count(Fault::unknown_transaction);
    return std::nullopt;
  }
  const WsSentRequest request = connection.sent.pop();
  const auto fault = check(requests_.expectation_of(request, connection.number), response);
  if (fault) {
    count(*fault);
    return std::nullopt;
  }
  tally_.latency.record(monotonic_ns() - request.due_ns);
  return request;
}

void WsGenerator::accept(WsConnection& connection, const ws::AnnounceResponse& response) {
  const auto request = request_of(connection, response);
  if (!request) return;
  count(LoadCount::announce_responses);
  count(LoadCount::peers, std::uint64_t{response.complete} + response.incomplete);
  count_due_offers(connection, *request, response);
  const bool is_counted = per_torrent_ != nullptr && !peers_.is_idle(connection.number);
  if (is_counted) per_torrent_->add(request->torrent);
}

// A tracker may keep a seeder's offers from other seeders, who have no use for them.
void WsGenerator::count_due_offers(const WsConnection& connection, const WsSentRequest& request,
                                   const ws::AnnounceResponse& response) {
  const bool is_seeder = peers_.is_seeder(connection.number, request.torrent);
  const std::uint64_t others =
      is_seeder ? response.incomplete : std::uint64_t{response.complete} + response.incomplete - 1;
  count(LoadCount::due_offers,
        std::min<std::uint64_t>(others, requests_.offers_of(connection.number)));
}

void WsGenerator::accept(WsConnection& connection, const ws::ScrapeResponse& response) {
  if (request_of(connection, response)) count(LoadCount::scrape_responses);
}

void WsGenerator::accept(WsConnection& connection, const ws::RelayedOffer& offer) {
  const auto relayed = relays_.check(offer, connection.number);
  if (!relayed) return count(relayed.error());
  count(LoadCount::relayed_offers);
  if (relayed->is_too_old) count(LoadCount::late);
  tally_.offer_latency.record(monotonic_ns() - relayed->sent_ns);
  if (!config_.torrents.answer_offers) return;
  if (connection.output.size() > kMaxOutputBytes) return count(LoadCount::send_failures);
  requests_.encode_answer(offer, relayed->offer.torrent, connection.number, connection.output);
  count(LoadCount::answers);
}

void WsGenerator::accept(WsConnection& connection, const ws::RelayedAnswer& answer) {
  const auto relayed = relays_.check(answer, connection.number);
  if (!relayed) return count(relayed.error());
  count(LoadCount::relayed_answers);
  if (relayed->is_too_old) count(LoadCount::late);
  tally_.answer_latency.record(monotonic_ns() - relayed->sent_ns);
}

// It is the response to the oldest request, or to an answer in some other torrent.
void WsGenerator::accept(WsConnection& connection, const ws::Failure& failure) {
  count(LoadCount::error_responses);
  tally_.error_texts.add(failure.reason);
  if (connection.sent.size() == 0) return;
  const WsSentRequest& oldest = connection.sent.oldest();
  const bool is_for_other = failure.info_hash && !oldest.is_scrape() &&
                            *failure.info_hash != Population::info_hash(oldest.torrent);
  if (!is_for_other) connection.sent.pop();
}

void WsGenerator::end(WsConnection& connection) {
  count(LoadCount::lost, connection.sent.size());
  count(connection.is_upgraded ? LoadCount::broken_connections : LoadCount::connection_failures);
  if (connection.is_upgraded) {
    open_.store(open_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  } else {
    --opening_;
  }
  connection.closed_until_ns = monotonic_ns() + kRetryNs;
  connection.close();
}

void WsGenerator::refill(WsConnection& connection, std::uint64_t now_ns) {
  if (connection.stream.state() == State::closed) {
    if (now_ns < connection.closed_until_ns || open(connection, now_ns)) return;
    return end(connection);
  }
  if (!connection.is_upgraded) return;
  const bool is_idle = peers_.is_idle(connection.number);
  if (is_idle ? connection.has_announced : config_.rate > 0) return;
  while (connection.sent.has_room()) ask(connection, now_ns);
  flush(connection);
}

void WsGenerator::send_paced(std::uint64_t now_ns) {
  count(LoadCount::unsent, pace_->skip_hopeless(now_ns));
  std::uint64_t due = pace_->due(now_ns);
  // Every connection gets its share, in turns.
  const std::size_t busy = config_.num_connections_per_worker;
  for (std::size_t tried = 0; tried < busy && due > 0; ++tried) {
    WsConnection& connection = connections_[next_connection_++ % busy];
    const std::uint64_t share = std::max<std::uint64_t>(due / busy, 1);
    for (std::uint64_t i = 0; i < share && connection.is_upgraded && connection.sent.has_room();
         ++i) {
      ask(connection, pace_->next_due_ns());
      pace_->advance(1);
      --due;
    }
    flush(connection);
  }
}

void WsGenerator::ask(WsConnection& connection, std::uint64_t due_ns) {
  const WsSentRequest request = requests_.choose(connection.number, connection.history, due_ns);
  requests_.encode(request, connection.number, connection.history, connection.output);
  connection.sent.push(request);
  connection.has_announced = true;
  if (request.is_scrape()) return count(LoadCount::scrape_requests);
  count(LoadCount::announce_requests);
  count(LoadCount::offers, requests_.offers_of(connection.number));
}

void WsGenerator::flush(WsConnection& connection) {
  if (connection.stream.state() != State::open) return;
  if (const auto bytes = connection.flush()) return count(LoadCount::sent_bytes, *bytes);
  end(connection);
}

bool WsGenerator::open(WsConnection& connection, std::uint64_t now_ns) {
  ++opening_;
  connection.opened_ns = now_ns;
  TlsClient* tls = config_.enable_tls ? &tls_ : nullptr;
  if (!connection.stream.open(config_.server_address, connection.source, tls)) return false;
  const auto index = static_cast<std::uint64_t>(&connection - connections_.data());
  const std::uint64_t key = std::uint64_t{++connection.generation} << 32 | index;
  return poller_.add(connection.stream.fd(), ClientStream::kEvents, key);
}

// The poller counts in milliseconds: less than one is spent looking again.
int WsGenerator::wait_ms(std::uint64_t now_ns) const noexcept {
  std::uint64_t wait_ns = kLookEveryNs;
  const auto until = [&](std::uint64_t then_ns) {
    wait_ns = std::min(wait_ns, then_ns > now_ns ? then_ns - now_ns : 0);
  };
  if (created_ < connections_.size() && opening_ < kMaxOpening) until(next_creation_ns_);
  if (pace_) until(pace_->next_due_ns());
  return static_cast<int>(wait_ns / kNsPerMs);
}

}  // namespace aquatic::load_test
