// SPDX-License-Identifier: Apache-2.0
#include "tests/server/ws_rig.h"

#include <variant>

#include "base/check.h"
#include "protocol/ws/frame.h"

namespace aquatic::server {
namespace {

constexpr std::size_t kMailboxBytes = 1 << 20;
constexpr ws::MaskingKey kKey = 0x12345678;

}  // namespace

std::vector<std::string> WsPeer::take() { return std::exchange(messages, {}); }

WsRig::WsRig(WsHandlerOptions options, std::size_t worker_count)
    : swarm({.shard_count = 4, .hash_seed = 1}) {
  for (std::size_t i = 0; i < worker_count; ++i) {
    mailboxes_.push_back(std::make_unique<net::Mailbox>(kMailboxBytes));
  }
  for (std::uint32_t i = 0; i < worker_count; ++i) {
    Worker worker{.outbox = std::make_unique<net::Outbox>(mailboxes_, i),
                  .metrics = std::make_unique<WsMetrics>(),
                  .handler = nullptr};
    worker.handler = std::make_unique<WsHandler>(options, swarm, access_list, *worker.outbox, i + 1,
                                                 *worker.metrics);
    workers_.push_back(std::move(worker));
  }
}

WsPeer& WsRig::connect(std::string_view ip, std::size_t worker) {
  peers_.push_back(std::make_unique<WsPeer>());
  WsPeer& peer = *peers_.back();
  peer.worker = worker;
  peer.stream = peers_.size();
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
  if (!peer.is_stuck) receive(peer);
  // Who does not receive keeps the stream from closing.
  if (turn.is_last && peer.is_stuck) peer.is_closed = true;
  if (turn.is_last && !peer.is_stuck) return disconnect(peer);
  if (turn.has_more_output && !peer.is_stuck) take_turn(peer, net::StreamEvent::drained);
}

void WsRig::deliver() {
  net::Mail mail;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    workers_[i].outbox->flush();
    workers_[i].outbox->take_own(mail);
    hand_out(i, mail);
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    mailboxes_[i]->take(mail);
    hand_out(i, mail);
  }
}

void WsRig::hand_out(std::size_t worker, const net::Mail& mail) {
  mail.visit([&](net::StreamKey stream, Bytes message) {
    WsPeer& peer = *peers_.at(stream - 1);
    CHECK(peer.worker == worker);
    take_turn(peer, net::StreamEvent::message, message);
  });
}

void WsRig::receive(WsPeer& peer) {
  Bytes rest = peer.output.bytes();
  ws::MessageReader reader(ws::Side::server,
                           {.max_frame_bytes = 1 << 20, .max_message_bytes = 1 << 20});
  ws::PartialMessage partial;
  while (!rest.empty()) {
    const auto received = reader.next(rest, partial);
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
