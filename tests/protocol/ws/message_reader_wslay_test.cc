// SPDX-License-Identifier: Apache-2.0
// The reader beside wslay, another implementation of RFC 6455: what one makes of a stream, the
// other does, too.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <wslay/wslay.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "protocol/ws/message_reader.h"

namespace aquatic::ws {
namespace {

constexpr std::size_t kMaxMessageBytes = 4000;

struct Event {
  unsigned opcode = 0;
  std::string payload;

  friend bool operator==(const Event&, const Event&) = default;
};

struct Outcome {
  std::vector<Event> events;
  unsigned close_code = 0;  // That the receiver closes with, for an error; 0 if there was none.
};

Outcome read_ours(std::string_view stream) {
  MessageReader reader(Side::client, {kMaxMessageBytes, kMaxMessageBytes});
  PartialMessage partial;
  Bytes input = as_bytes(stream);
  Outcome outcome;
  for (;;) {
    const auto received = reader.next(input, partial);
    if (!received) {
      outcome.close_code = static_cast<unsigned>(close_code_of(received.error()));
      return outcome;
    }
    if (!*received) return outcome;
    if (const auto* message = std::get_if<Message>(&**received)) {
      const Opcode opcode = message->is_text ? Opcode::text : Opcode::binary;
      outcome.events.push_back(
          {static_cast<unsigned>(opcode), std::string(as_text(message->payload.bytes))});
    } else if (const auto* ping = std::get_if<Ping>(&**received)) {
      outcome.events.push_back({WSLAY_PING, std::string(as_text(ping->payload))});
    } else if (const auto* pong = std::get_if<Pong>(&**received)) {
      outcome.events.push_back({WSLAY_PONG, std::string(as_text(pong->payload))});
    } else {
      const auto& close = std::get<Close>(**received);
      const unsigned code = close.code.value_or(0);
      outcome.events.push_back(
          {WSLAY_CONNECTION_CLOSE, std::to_string(code) + std::string(close.reason)});
      return outcome;  // Nothing counts that comes after it (§5.5.1).
    }
  }
}

// A server that receives what it is given and sends nothing but the frames that the protocol asks
// for.
struct Wslay {
  std::string_view input;
  std::string output;
  Outcome outcome;

  static ssize_t receive(wslay_event_context_ptr context, std::uint8_t* to, std::size_t room, int,
                         void* self) {
    std::string_view& input = static_cast<Wslay*>(self)->input;
    if (input.empty()) wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    const std::size_t count = std::min(room, input.size());
    if (count == 0) return -1;
    std::memcpy(to, input.data(), count);
    input.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }

  static ssize_t send(wslay_event_context_ptr, const std::uint8_t* from, std::size_t count, int,
                      void* self) {
    static_cast<Wslay*>(self)->output.append(reinterpret_cast<const char*>(from), count);
    return static_cast<ssize_t>(count);
  }

  static void take(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* message,
                   void* self) {
    std::string payload(reinterpret_cast<const char*>(message->msg), message->msg_length);
    Outcome& outcome = static_cast<Wslay*>(self)->outcome;
    if (message->opcode == WSLAY_CONNECTION_CLOSE) {
      if (payload.size() == 1) {  // It takes half a code for none.
        outcome.close_code = WSLAY_CODE_PROTOCOL_ERROR;
        return;
      }
      payload = std::to_string(message->status_code) +
                payload.substr(std::min<std::size_t>(payload.size(), 2));
    }
    outcome.events.push_back({message->opcode, payload});
  }
};

Outcome read_wslay(std::string_view stream) {
  Wslay wslay{.input = stream, .output = {}, .outcome = {}};
  wslay_event_callbacks callbacks = {};
  callbacks.recv_callback = Wslay::receive;
  callbacks.send_callback = Wslay::send;
  callbacks.on_msg_recv_callback = Wslay::take;
  wslay_event_context_ptr context = nullptr;
  if (wslay_event_context_server_init(&context, &callbacks, &wslay) != 0) std::abort();
  wslay_event_config_set_max_recv_msg_length(context, kMaxMessageBytes);
  const int result = wslay_event_recv(context);
  const bool has_closed = std::ranges::any_of(wslay.outcome.events, [](const Event& event) {
    return event.opcode == WSLAY_CONNECTION_CLOSE;
  });
  wslay_event_send(context);
  if (result != 0) {
    wslay.outcome.close_code = WSLAY_CODE_PROTOCOL_ERROR;  // It closes without a code.
  } else if (!has_closed && wslay.outcome.close_code == 0 && wslay_event_get_close_sent(context)) {
    wslay.outcome.close_code = wslay_event_get_status_code_sent(context);
  }
  wslay_event_context_free(context);
  return wslay.outcome;
}

std::string to_frame(Opcode opcode, std::string_view payload, bool is_final) {
  ByteBuffer out;
  encode_frame(opcode, as_bytes(payload), out, *rc::gen::arbitrary<MaskingKey>(), is_final);
  return std::string(out.text());
}

// Payloads of all widths of lengths, though mostly short ones; texts have characters of one to
// four bytes.
std::string any_payload(Opcode opcode) {
  static const std::vector<std::string> kPieces = {
      "a", "Hello, ", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "{\"\":0}"};
  const auto most = *rc::gen::element(0, 3, 30, 300);
  std::string payload;
  for (int i = *rc::gen::inRange(0, most + 1); i > 0; --i) payload += *rc::gen::elementOf(kPieces);
  if (opcode == Opcode::binary) payload.insert(0, "\xff\x00\x80", 3);
  if (is_control(opcode)) payload.resize(std::min(payload.size(), kMaxControlBytes));
  return payload;
}

void add_control(std::string& stream) {
  const auto opcode = *rc::gen::element(Opcode::ping, Opcode::pong);
  stream += to_frame(opcode, any_payload(opcode), true);
}

void add_message(std::string& stream) {
  const auto opcode = *rc::gen::element(Opcode::text, Opcode::binary);
  std::string_view rest;
  const std::string payload = any_payload(opcode);
  rest = payload;
  const int fragments = *rc::gen::element(1, 1, 2, 5);
  for (int i = 1; i <= fragments; ++i) {
    const bool is_last = i == fragments;
    const std::size_t bytes =
        is_last ? rest.size() : *rc::gen::inRange<std::size_t>(0, rest.size() + 1);
    stream += to_frame(i == 1 ? opcode : Opcode::continuation, rest.substr(0, bytes), is_last);
    rest.remove_prefix(bytes);
    if (!is_last && *rc::gen::inRange(0, 4) == 0) add_control(stream);
  }
}

std::string any_stream() {
  std::string stream;
  for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
    if (*rc::gen::inRange(0, 4) == 0) {
      add_control(stream);
    } else {
      add_message(stream);
    }
  }
  if (*rc::gen::arbitrary<bool>()) {
    stream += to_frame(Opcode::close, *rc::gen::element<std::string>("", "\x03\xe8", "\x0f\xa0why"),
                       true);
  }
  return stream;
}

RC_GTEST_PROP(MessageReaderWslay, BothReadTheSameMessages, ()) {
  const std::string stream = any_stream();
  const Outcome ours = read_ours(stream);
  const Outcome theirs = read_wslay(stream);
  RC_ASSERT(theirs.close_code == 0u);
  RC_ASSERT(ours.close_code == 0u);
  RC_ASSERT(ours.events == theirs.events);
}

// A stream with a changed bit anywhere: both read as much of it, and close with the same code. Two
// differences are known. We refuse a header before all of it is there, wslay wants the rest of it.
// And wslay checks texts as they arrive, so it does not see what comes after the fragment that is
// wrong.
RC_GTEST_PROP(MessageReaderWslay, BothRefuseTheSameStreams, ()) {
  std::string stream = any_stream();
  if (stream.empty()) return;
  // Headers are few among all bytes, and more interesting.
  const std::size_t near = *rc::gen::element<std::size_t>(2, 8, stream.size());
  const auto at = *rc::gen::inRange<std::size_t>(0, std::min(near, stream.size()));
  stream[at] = static_cast<char>(stream[at] ^ (1 << *rc::gen::inRange(0, 8)));

  const Outcome ours = read_ours(stream);
  if (ours.close_code != 0) stream.append(kMaxFrameHeaderBytes, '\0');
  const Outcome theirs = read_wslay(stream);
  if (theirs.close_code == static_cast<unsigned>(CloseCode::invalid_text)) {
    RC_ASSERT(ours.events.size() >= theirs.events.size());
    RC_ASSERT(std::equal(theirs.events.begin(), theirs.events.end(), ours.events.begin()));
  } else {
    RC_ASSERT(ours.events == theirs.events);
    RC_ASSERT(ours.close_code == theirs.close_code);
  }
}

}  // namespace
}  // namespace aquatic::ws
