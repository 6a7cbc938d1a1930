// SPDX-License-Identifier: Apache-2.0
#include "tests/support/ws/ws_rig.h"

#include <variant>

#include "base/check.h"
#include "protocol/ws/frame.h"

namespace aquatic::server {
namespace {

constexpr std::size_t kMailboxBytes = 1 << 20;
constexpr ws::MessageLimits kPeerLimits = {.max_frame_bytes = 1 << 20,
                                           .max_message_bytes = 1 << 20};
constexpr ws::MaskingKey kKey = 0x12345678;

}  // namespace

std::vector<std::string> WsPeer::take() { return std::exchange(messages, {}); }

WsRig::WsRig(WsHandlerOptions options, std::size_t worker_count,
             const offers::Options& swarm_options)
    : swarm(swarm_options), reader_(ws::Side::server, kPeerLimits) {
  for (std::size_t i = 0; i < worker_count; ++i) {
    mailboxes_.push_back(std::make_unique<net::Mailbox>(kMailboxBytes));
  }
  for (std::uint32_t i = 0; i < worker_count; ++i) {
    Worker worker{.outbox = std::make_unique<net::Outbox>(mailboxes_, i),
                  .metrics = std::make_unique<WsMetrics>(),
                  .handler = nullptr};
    worker.handler = std::make_unique<WsHandler>(options, swarm, access_list, *worker.outbox, i + 1,
                                                 *worker.metrics,
                                                 &census.add_sampler(swarm_options.max_peer_age_s));
    workers_.push_back(std::move(worker));
  }
}

WsPeer& WsRig::connect(std::string_view ip, std::size_t worker) {
  std::unique_ptr<WsPeer>& made = peers_[++last_stream_];
  made = std::make_unique<WsPeer>();
  WsPeer& peer = *made;
  peer.worker = worker;
  peer.stream = last_stream_;
  peer.address = {*IpAddress::parse(ip), 50'000};
  net::StreamTurn turn{.stream = peer.stream,
                       .peer = peer.address,
                       .input = {},
                       .now = now,
                       .output = peer.output,
                       .memo = peer.memo};
  workers_[worker].handler->open(turn, {.key = "dGhlIHNhbXBsZSBub25jZQ==", .origin = {}},
                                 peer.address.ip);
  CHECK(peer.output.text().starts_with("HTTP/1.1 101 "));
  peer.output.clear();
  return peer;
}

void WsRig::disconnect(WsPeer& peer) {
  peer.is_closed = true;
  workers_[peer.worker].handler->forget(peer.memo);
  peer.memo = 0;
}

void WsRig::say(WsPeer& peer, std::string_view text) {
  ByteBuffer frame;
  ws::encode_frame(ws::Opcode::text, as_bytes(text), frame, kKey);
  send(peer, frame.text());
}

void WsRig::send(WsPeer& peer, std::string_view bytes) {
  peer.unhandled += bytes;
  take_turn(peer, net::StreamEvent::input);
  deliver();
}

void WsRig::take_turn(WsPeer& peer, net::StreamEvent event, Bytes message) {
  if (peer.is_closed) return;
  net::StreamTurn turn{.event = event,
                       .stream = peer.stream,
                       .peer = peer.address,
                       .input = as_bytes(peer.unhandled),
                       .message = message,
                       .now = now,
                       .output = peer.output,
                       .memo = peer.memo};
  workers_[peer.worker].handler->handle(turn);
  peer.unhandled.erase(0, turn.consumed);
  react(peer, turn.is_last);
  if (turn.has_more_output && !peer.is_stuck) take_turn(peer, net::StreamEvent::drained);
}

void WsRig::react(WsPeer& peer, bool is_last) {
  if (!peer.is_stuck) receive(peer);
  // Who does not receive keeps the stream from closing.
  if (is_last && peer.is_stuck) peer.is_closed = true;
  if (is_last && !peer.is_stuck) disconnect(peer);
  if (on_change) on_change(peer);
}

void WsRig::deliver() {
  for (std::size_t i = 0; i < workers_.size(); ++i) send_mail(i);
  for (std::size_t i = 0; i < workers_.size(); ++i) take_mail(i);
}

void WsRig::send_mail(std::size_t worker) {
  net::Mail mail;
  workers_[worker].outbox->flush();
  workers_[worker].outbox->take_own(mail);
  hand_out(worker, mail);
}

void WsRig::take_mail(std::size_t worker) {
  net::Mail mail;
  mailboxes_[worker]->take(mail);
  hand_out(worker, mail);
}

void WsRig::hand_out(std::size_t worker, const net::Mail& mail) {
  mail.visit([&](net::StreamKey stream, Bytes message) {
    const auto peer = peers_.find(stream);
    if (peer == peers_.end()) return;
    CHECK(peer->second->worker == worker);
    take_turn(*peer->second, net::StreamEvent::message, message);
  });
}

void WsRig::receive(WsPeer& peer) {
  constexpr std::uint64_t kFnvPrime = 0x100000001b3;
  Bytes rest = peer.output.bytes();
  for (const std::byte b : rest) sent_hash = (sent_hash ^ std::to_integer<unsigned>(b)) * kFnvPrime;
  ws::PartialMessage partial;
  while (!rest.empty()) {
    const auto received = reader_.next(rest, partial);
    CHECK(received && *received);  // Frames are whole and right.
    if (const auto* message = std::get_if<ws::Message>(&**received)) {
      peer.messages.emplace_back(as_text(message->payload.bytes));
    } else if (const auto* ping = std::get_if<ws::Ping>(&**received)) {
      peer.pings.emplace_back(as_text(ping->payload));
    } else if (const auto* pong = std::get_if<ws::Pong>(&**received)) {
      peer.pongs.emplace_back(as_text(pong->payload));
    } else {
      peer.close_code = std::get<ws::Close>(**received).code.value_or(0);
    }
  }
  peer.output.clear();
}

std::uint64_t WsRig::count(WsMetric metric, Family family) const {
  std::uint64_t sum = 0;
  for (const Worker& worker : workers_) sum += worker.metrics->of(family).get(metric);
  return sum;
}

swarm::Counts WsRig::counts(std::string_view info_hash) const {
  CHECK(info_hash.size() == InfoHash::kBytes);
  return swarm.scrape({InfoHash::copy_from(as_bytes(info_hash).data()), Family::ipv4});
}

}  // namespace aquatic::server
