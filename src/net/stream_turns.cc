// SPDX-License-Identifier: Apache-2.0
#include "net/stream_turns.h"

#include <algorithm>

#include "base/check.h"

namespace aquatic::net {
namespace {

// Keeps of the input what the handler has left. Where nothing was kept before, `fresh` is all.
void keep_input(Stream& stream, Bytes fresh, std::size_t consumed) {
  if (stream.input.is_empty()) {
    stream.input.append(fresh.subspan(consumed));
  } else {
    stream.input.consume(consumed);
  }
  // Of a stream that ends nothing will be read any more.
  const bool is_over = stream.is_last && !stream.has_more_output;
  if (is_over && !stream.input.is_empty()) stream.has_unread = true;
  if (is_over || stream.input.is_empty()) stream.input.release();
}

}  // namespace

StreamTurns::StreamTurns(std::size_t max_input_bytes, StreamHandler& handler)
    : max_input_bytes_(max_input_bytes),
      handler_(handler),
      received_(std::make_unique<std::array<std::byte, kReceiveBytes>>()) {
  CHECK(max_input_bytes > 0);
}

MutableBytes StreamTurns::room(const Stream& stream) noexcept {
  DCHECK(stream.input.size() < max_input_bytes_);
  return scratch().first(std::min(kReceiveBytes, max_input_bytes_ - stream.input.size()));
}

void StreamTurns::take(Stream& stream, StreamEvent event, Bytes fresh, Seconds now) noexcept {
  const bool had_output = !stream.output.is_empty();
  if (!stream.input.is_empty()) stream.input.append(fresh);
  const Bytes input = stream.input.is_empty() ? fresh : Bytes(stream.input.bytes());
  StreamTurn turn = begin(stream, event, input, now);
  handler_.handle(turn);
  CHECK(turn.consumed <= turn.input.size());
  stream.had_turn = true;
  stream.is_attended = turn.is_attended;
  stream.has_more_output = turn.has_more_output && event != StreamEvent::timeout;
  stream.is_last = turn.is_last || event == StreamEvent::timeout;
  keep_input(stream, fresh, turn.consumed);
  stream.is_new_message |= turn.consumed > 0;
  // What is left may be whole messages, if it was output that made the handler stop. A handler that
  // had nothing else on its mind and consumes nothing wants more input.
  stream.needs_turn = !stream.input.is_empty() && !stream.has_more_output && !stream.is_last &&
                      (turn.consumed > 0 || had_output || event == StreamEvent::drained);
}

void StreamTurns::notify(Stream& stream, StreamEvent event, Bytes message, Seconds now) noexcept {
  StreamTurn turn = begin(stream, event, {}, now);
  turn.message = message;
  handler_.handle(turn);
  CHECK(turn.consumed == 0 && !turn.has_more_output);
  if (!turn.is_last) return;
  // Whatever else the stream had before it is not for this handler any more.
  stream.is_last = true;
  stream.has_more_output = false;
  stream.needs_turn = false;
  stream.has_unread |= !stream.input.is_empty();
  stream.input.release();
}

bool StreamTurns::is_full(const Stream& stream) const noexcept {
  return stream.input.size() >= max_input_bytes_ && !stream.has_turn_to_come();
}

Bytes StreamTurns::unsent(const Stream& stream) const noexcept {
  return stream.output.is_empty() ? output_.bytes() : stream.output.bytes();
}

void StreamTurns::keep_unsent(Stream& stream, std::size_t count) noexcept {
  if (stream.output.is_empty()) {
    stream.output.append(Bytes(output_.bytes()).subspan(count));
    output_.clear();
  } else {
    stream.output.consume(count);
    if (stream.output.is_empty()) stream.output.release();
  }
}

Bytes StreamTurns::refuse(const Endpoint& peer, bool is_secure, Seconds now) noexcept {
  forget_output();
  std::uint64_t memo = 0;
  StreamTurn turn{.event = StreamEvent::refused,
                  .peer = peer,
                  .is_secure = is_secure,
                  .input = {},
                  .now = now,
                  .output = output_,
                  .memo = memo};
  handler_.handle(turn);
  return output_.bytes();
}

StreamTurn StreamTurns::begin(Stream& stream, StreamEvent event, Bytes input,
                              Seconds now) noexcept {
  forget_output();
  return {.event = event,
          .stream = stream.key(),
          .peer = stream.peer,
          .is_secure = stream.socket.is_secure(),
          .input = input,
          .now = now,
          .output = stream.output.is_empty() ? output_ : stream.output,
          .memo = stream.memo,
          .is_attended = stream.is_attended};
}

void StreamTurns::forget_output() noexcept {
  output_.clear();
  if (output_.capacity() > kMaxIdleOutputBytes) output_.release();
}

}  // namespace aquatic::net
