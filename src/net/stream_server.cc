// SPDX-License-Identifier: Apache-2.0
#include "net/stream_server.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "net/proxy_greeting.h"

namespace aquatic::net {
namespace {

using Next = StreamConversation::Next;
using Phase = Stream::Phase;
using Status = IoResult::Status;
using std::chrono::milliseconds;

// Shares of one round, so that nobody waits long for his turn.
constexpr int kMaxAccepts = 64;      // Of one listener.
constexpr int kMaxTimeouts = 1'024;  // Streams that are due.

// Deadlines are in whole seconds: nothing is gained by looking more often.
constexpr milliseconds kLongestSleep{1'000};

// More than the requests that a peer may have on the way when he is told that the end has come.
constexpr std::size_t kMaxLingerBytes = 256 * 1024;

// What the poller calls the mailbox; neither a stream nor a listener has this key.
constexpr Poller::Key kMailKey = 0xffff'fe00;

// How every connection of TLS begins: with a record that is part of a handshake (RFC 8446 §5.1). As
// text it is a control character, with which no request begins.
constexpr std::byte kHandshakeRecord{0x16};

constexpr bool is_over(Status status) noexcept {
  return status == Status::closed || status == Status::failed;
}

constexpr bool is_idle(std::optional<Wait> wait) noexcept {
  return wait == Wait::idle || wait == Wait::attended;
}

// Of a connection on which nothing was read: whether its first byte is there, and is not TLS.
bool has_begun_in_plain(StreamSocket& socket) noexcept {
  std::byte first{};
  return socket.peek({&first, 1}).bytes == 1 && first != kHandshakeRecord;
}

}  // namespace

StreamServer::StreamServer(const StreamOptions& options, std::span<FileDescriptor> listeners,
                           ConnectionBudget& budget, const Snapshot<TlsContext>* tls,
                           const Clock& clock, StreamHandler& handler, Outbox* outbox)
    : options_(options),
      budget_(budget),
      clock_(clock),
      handler_(handler),
      outbox_(outbox),
      acceptor_(listeners, poller_),
      deadlines_(options.limits),
      conversation_({options.max_input_bytes, options.max_output_bytes}, handler) {
  if (tls != nullptr) tls_.emplace(*tls);
  if (outbox != nullptr && !poller_.add(outbox->inbox().fd(), EPOLLIN, kMailKey)) {
    throw std::runtime_error("epoll does not take a mailbox");
  }
}

StreamServer::~StreamServer() {
  streams_.visit([this](Stream& stream) { close(stream); });
}

StreamCounters StreamServer::counters() const noexcept {
  StreamCounters counters = counters_;
  counters.open = open_count();
  counters.received_bytes = conversation_.counters().received_bytes;
  counters.sent_bytes = conversation_.counters().sent_bytes;
  return counters;
}

void StreamServer::serve(milliseconds timeout) noexcept { serve_round(sleep_within(timeout)); }

void StreamServer::drain(milliseconds limit) noexcept {
  const auto end = std::chrono::steady_clock::now() + limit;
  const auto time_left = [end] {
    return std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
  };
  // What the kernel has taken on already is owed an answer: connections, then messages.
  for (std::size_t i = 0; i < acceptor_.size(); ++i) {
    while (accept_from(i) == kMaxAccepts && time_left() > milliseconds(0)) {
    }
  }
  acceptor_.close();
  while (serve_round(milliseconds(0)) == Poller::kMaxEvents && time_left() > milliseconds(0)) {
  }
  stop_streams();
  while (open_count() > 0 && time_left() > milliseconds(0)) serve(time_left());
}

std::size_t StreamServer::serve_round(milliseconds timeout) noexcept {
  const std::span<const epoll_event> events = poller_.wait(timeout);
  now_ = clock_.now();
  queue_.swap(queued_before_);
  for (const epoll_event& event : events) serve_event(event);
  serve_queued();
  expire();
  exchange_mail();
  if (acceptor_.is_paused() && now_ != paused_at_) acceptor_.resume();
  return events.size();
}

void StreamServer::serve_event(const epoll_event& event) noexcept {
  if (const auto listener = Acceptor::listener_of(event.data.u64)) {
    accept_from(*listener);
  } else if (event.data.u64 == kMailKey) {
    outbox_->inbox().take(mail_);
    deliver_mail();
  } else if (Stream* stream = streams_.find(event.data.u64);
             stream != nullptr && !stream->is_queued) {
    proceed(*stream);
  }
}

milliseconds StreamServer::sleep_within(milliseconds timeout) const noexcept {
  const bool has_mail = outbox_ != nullptr && outbox_->has_own();
  if (!queue_.empty() || has_mail || deadlines_.due(now_)) return milliseconds(0);
  const bool has_to_look = streams_.size() > 0 || acceptor_.is_paused();
  return has_to_look ? std::min(timeout, kLongestSleep) : timeout;
}

void StreamServer::serve_queued() noexcept {
  for (const StreamKey key : queued_before_) {
    Stream* stream = streams_.find(key);
    if (stream == nullptr) continue;
    stream->is_queued = false;
    proceed(*stream);
  }
  queued_before_.clear();
}

void StreamServer::proceed(Stream& stream) noexcept {
  switch (stream.phase) {
    case Phase::proxy_header: return hear_proxy(stream);
    case Phase::first_byte: return hear_first_byte(stream);
    case Phase::handshake: return shake_hands(stream);
    case Phase::open: return go_on(stream, conversation_.proceed(stream, now_));
    case Phase::linger: return discard(stream);
  }
}

int StreamServer::accept_from(std::size_t listener) noexcept {
  int count = 0;
  for (; count < kMaxAccepts; ++count) {
    auto connection = acceptor_.next(listener);
    if (!connection) break;
    welcome(std::move(*connection));
  }
  if (acceptor_.is_paused()) {
    ++counters_.accept_failures;
    paused_at_ = now_;
  }
  return count;
}

void StreamServer::welcome(Acceptor::Connection connection) noexcept {
  ++counters_.accepted;
  Stream& stream = streams_.open();
  stream.socket = StreamSocket(std::move(connection.fd));
  stream.peer = connection.peer;
  const bool is_proxied = options_.proxies.contain(connection.peer.ip);
  stream.is_counted = !is_proxied && budget_.take(connection.peer.ip);
  if (!is_proxied && !stream.is_counted) return refuse(stream);
  if (!attend(stream)) {
    ++counters_.accept_failures;
    return close(stream);
  }
  deadlines_.set(stream.slot, Wait::handshake, now_);
  if (is_proxied) {
    stream.phase = Phase::proxy_header;
  } else {
    begin(stream);
  }
}

// Has the poller look at it for the first time.
bool StreamServer::attend(Stream& stream) noexcept {
  stream.watched = EPOLLIN;
  return poller_.add(stream.socket.fd(), stream.watched, stream.key());
}

void StreamServer::refuse(Stream& stream) noexcept {
  ++counters_.refused;
  // With TLS, a handshake to say so would be what the limit is there to prevent. So would be a wait
  // for a first byte that is not there yet; and to whoever wants TLS, plain text looks like a fault
  // of ours rather than like a refusal.
  if (tls_ && !(options_.also_plain && has_begun_in_plain(stream.socket))) return close(stream);
  const bool is_told = conversation_.refuse(stream.socket, stream.peer, now_);
  if (!is_told || farewells_ == kMaxFarewells) return close(stream);
  if (stream.watched == 0 && !attend(stream)) return close(stream);
  stream.is_farewell = true;
  ++farewells_;
  linger(stream);  // The request may still be on its way.
}

void StreamServer::hear_proxy(Stream& stream) noexcept {
  const auto header = read_proxy_header(stream.socket, stream.input, conversation_.scratch());
  if (!header) {
    switch (header.error()) {
      case ProxyGreetingError::incomplete: return;
      case ProxyGreetingError::malformed: ++counters_.bad_proxy_headers; return close(stream);
      case ProxyGreetingError::closed: return close(stream);
      case ProxyGreetingError::broken: return go_on(stream, Next::broken);
    }
  }
  if (header->source) {
    stream.peer = *header->source;
    stream.is_counted = budget_.take(stream.peer.ip);
    if (!stream.is_counted) return refuse(stream);
  }
  begin(stream);
}

void StreamServer::begin(Stream& stream) noexcept {
  if (!tls_) return expect_message(stream);
  stream.phase = options_.also_plain ? Phase::first_byte : Phase::handshake;
}

void StreamServer::hear_first_byte(Stream& stream) noexcept {
  std::byte first{};
  const Status status = stream.socket.peek({&first, 1}).status;
  if (status == Status::wants_read) return;
  if (status == Status::closed) return close(stream);
  if (status == Status::failed) return go_on(stream, Next::broken);
  if (first == kHandshakeRecord) {
    stream.phase = Phase::handshake;
    return shake_hands(stream);
  }
  expect_message(stream);
  go_on(stream, conversation_.proceed(stream, now_));
}

void StreamServer::shake_hands(Stream& stream) noexcept {
  // Only now, as whoever connects and says nothing should cost nothing.
  if (!stream.socket.is_secure()) stream.socket.start_tls(*tls_->current());
  const Status status = stream.socket.handshake().status;
  if (is_over(status)) {
    ++counters_.failed_handshakes;
    return forget(stream);
  }
  if (status != Status::done) {
    return watch(stream, status == Status::wants_write ? EPOLLOUT : EPOLLIN);
  }
  ++counters_.handshakes;
  if (stream.socket.is_resumed()) ++counters_.resumed_handshakes;
  expect_message(stream);
  go_on(stream, conversation_.proceed(stream, now_));  // The first message may have come along.
}

void StreamServer::expect_message(Stream& stream) noexcept {
  stream.phase = Phase::open;
  deadlines_.set(stream.slot, Wait::message, now_);
}

void StreamServer::go_on(Stream& stream, Next next) noexcept {
  switch (next) {
    case Next::event: return settle(stream);
    case Next::share: return wait_for_share(stream);
    case Next::finish: return finish(stream);
    case Next::close: return close(stream);
    case Next::broken: ++counters_.resets; return forget(stream);
    case Next::full: ++counters_.input_overflows; return close(stream);
  }
}

void StreamServer::wait_for_share(Stream& stream) noexcept {
  if (!stream.is_queued) queue_.push_back(stream.key());
  stream.is_queued = true;
  settle(stream);
}

void StreamServer::settle(Stream& stream) noexcept {
  watch(stream, conversation_.events_of(stream));
  set_deadline(stream);
  if (is_draining_ && is_idle(deadlines_.wait_of(stream.slot))) close(stream);
}

void StreamServer::set_deadline(Stream& stream) noexcept {
  const auto current = deadlines_.wait_of(stream.slot);
  if (!stream.output.is_empty() || stream.has_more_output) {
    // A peer who takes what there is has all the time again for what has come since.
    if (current != Wait::write || stream.counted_bytes == 0) {
      deadlines_.set(stream.slot, Wait::write, now_);
      stream.counted_bytes = static_cast<std::uint32_t>(stream.output.size());
    }
  } else if (!stream.input.is_empty()) {
    if (current != Wait::message || stream.is_new_message) {
      deadlines_.set(stream.slot, Wait::message, now_);
    }
  } else if (stream.had_turn) {
    const Wait idle = stream.is_attended ? Wait::attended : Wait::idle;
    if (current != idle || stream.restarts_idle) deadlines_.set(stream.slot, idle, now_);
  }
  stream.is_new_message = false;
  stream.restarts_idle = false;
}

void StreamServer::watch(Stream& stream, std::uint32_t events) noexcept {
  if (stream.watched == events) return;
  stream.watched = events;
  poller_.change(stream.socket.fd(), events, stream.key());
}

// Those of this round, to streams of this worker and of others.
void StreamServer::exchange_mail() noexcept {
  if (outbox_ == nullptr) return;
  outbox_->flush();
  outbox_->take_own(mail_);
  deliver_mail();
}

void StreamServer::deliver_mail() noexcept {
  bundles_.visit(mail_, [this](StreamKey key, Bytes messages, std::size_t count) {
    Stream* stream = streams_.find(key);
    if (stream == nullptr || stream->phase != Phase::open || stream->is_last) {
      counters_.undelivered += count;
      return;
    }
    counters_.delivered += count;
    go_on(*stream, conversation_.deliver(*stream, messages, now_));
  });
  mail_.clear();
}

void StreamServer::stop_streams() noexcept {
  is_draining_ = true;
  streams_.visit([this](Stream& stream) {
    if (stream.phase == Phase::open && stream.had_turn && !stream.is_last) {
      go_on(stream, conversation_.stop(stream, now_));
    }
  });
}

// The handler's last word has been sent.
void StreamServer::finish(Stream& stream) noexcept {
  // Closing with input unread makes the kernel send a reset, which would destroy the last word on
  // its way. So the peer gets to see the end first.
  if (!stream.has_unread || stream.is_input_ended) return close(stream);
  linger(stream);
}

void StreamServer::linger(Stream& stream) noexcept {
  stream.socket.end_output();
  stream.phase = Phase::linger;
  stream.counted_bytes = 0;
  deadlines_.set(stream.slot, Wait::linger, now_);
  watch(stream, EPOLLIN);
}

void StreamServer::discard(Stream& stream) noexcept {
  const IoResult result = stream.socket.receive_raw(conversation_.scratch());
  stream.counted_bytes += static_cast<std::uint32_t>(result.bytes);
  if (is_over(result.status) || stream.counted_bytes > kMaxLingerBytes) forget(stream);
}

void StreamServer::expire() noexcept {
  for (int i = 0; i < kMaxTimeouts; ++i) {
    const auto slot = deadlines_.due(now_);
    if (!slot) return;
    time_out(streams_.at(*slot));
  }
}

void StreamServer::time_out(Stream& stream) noexcept {
  const Wait wait = *deadlines_.wait_of(stream.slot);
  if (is_idle(wait)) {
    const Next next = conversation_.idle(stream, now_);
    if (next == Next::close) ++counters_.timeouts[static_cast<std::size_t>(wait)];
    return go_on(stream, next);
  }
  ++counters_.timeouts[static_cast<std::size_t>(wait)];
  if (wait == Wait::write) {
    stream.socket.reset();
  } else if (wait == Wait::message && !stream.input.is_empty()) {
    return go_on(stream, conversation_.time_out(stream, now_));
  } else if (stream.phase == Phase::open) {
    return close(stream);
  }
  forget(stream);
}

void StreamServer::close(Stream& stream) noexcept {
  stream.socket.close();
  forget(stream);
}

// The socket may be closed already.
void StreamServer::forget(Stream& stream) noexcept {
  stream.socket.drop();
  deadlines_.clear(stream.slot);
  if (stream.is_counted) budget_.give_back(stream.peer.ip);
  if (stream.is_farewell) --farewells_;
  if (stream.had_turn) handler_.forget(stream.memo);
  streams_.close(stream);
  if (acceptor_.is_paused()) acceptor_.resume();
}

}  // namespace aquatic::net
