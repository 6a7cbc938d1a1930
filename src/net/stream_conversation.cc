// SPDX-License-Identifier: Apache-2.0
#include "net/stream_conversation.h"

#include <sys/epoll.h>

#include <algorithm>

namespace aquatic::net {
namespace {

using Next = StreamConversation::Next;
using Status = IoResult::Status;

// A stream's share of one round. The input of a turn is bounded by max_input_bytes.
constexpr int kMaxTurns = 4;

constexpr std::uint32_t events_for(Status wanted) noexcept {
  return wanted == Status::wants_write ? EPOLLOUT : EPOLLIN;
}

}  // namespace

Next StreamConversation::proceed(Stream& stream, Seconds now) noexcept {
  if (!stream.output.is_empty() && !send_unsent(stream)) return Next::broken;
  bool may_receive = true;
  for (int turns = 0; turns < kMaxTurns; ++turns) {
    bool is_whole = true;
    if (stream.must_send_first(limits_.max_output_bytes)) {
      break;
    } else if (stream.has_more_output) {
      is_whole = take_turn(stream, StreamEvent::drained, {}, now);
    } else if (stream.needs_turn) {
      is_whole = take_turn(stream, StreamEvent::input, {}, now);
    } else if (may_receive && is_receiving(stream)) {
      is_whole = receive(stream, now);
      may_receive = stream.socket.has_pending_input();
    } else {
      break;
    }
    if (!is_whole) return Next::broken;
  }
  return next_of(stream);
}

Next StreamConversation::time_out(Stream& stream, Seconds now) noexcept {
  return take_turn(stream, StreamEvent::timeout, {}, now) ? next_of(stream) : Next::broken;
}

Next StreamConversation::deliver(Stream& stream, Bytes message, Seconds now) noexcept {
  return notify(stream, StreamEvent::message, message, now) ? next_of(stream) : Next::broken;
}

Next StreamConversation::idle(Stream& stream, Seconds now) noexcept {
  const std::uint64_t sent_before = counters_.sent_bytes;
  if (!notify(stream, StreamEvent::idle, {}, now)) return Next::broken;
  const bool has_spoken = counters_.sent_bytes > sent_before || !stream.output.is_empty();
  stream.restarts_idle = true;
  return has_spoken ? next_of(stream) : Next::close;
}

Next StreamConversation::stop(Stream& stream, Seconds now) noexcept {
  return notify(stream, StreamEvent::stopping, {}, now) ? next_of(stream) : Next::broken;
}

bool StreamConversation::refuse(StreamSocket& socket, const Endpoint& peer, Seconds now) noexcept {
  const Bytes answer = turns_.refuse(peer, socket.is_secure(), now);
  if (answer.empty()) return false;
  // If the kernel had input that nobody reads, it would send a reset, which may overtake the
  // answer.
  socket.receive(scratch());
  const IoResult result = socket.send(answer);
  counters_.sent_bytes += result.bytes;
  return result.bytes > 0;
}

std::uint32_t StreamConversation::events_of(const Stream& stream) const noexcept {
  const std::uint32_t output = stream.output.is_empty() ? 0 : events_for(stream.send_wants);
  return output | (is_receiving(stream) ? events_for(stream.receive_wants) : 0);
}

bool StreamConversation::receive(Stream& stream, Seconds now) noexcept {
  const MutableBytes room = turns_.room(stream);
  const IoResult result = stream.socket.receive(room);
  if (result.status == Status::failed) return false;
  stream.receive_wants = result.status;
  stream.is_input_ended = result.status == Status::closed;
  stream.has_unread = result.status == Status::done;
  counters_.received_bytes += result.bytes;
  stream.restarts_idle |= result.bytes > 0;
  return result.bytes == 0 || take_turn(stream, StreamEvent::input, room.first(result.bytes), now);
}

bool StreamConversation::take_turn(Stream& stream, StreamEvent event, Bytes fresh,
                                   Seconds now) noexcept {
  turns_.take(stream, event, fresh, now);
  return turns_.unsent(stream).empty() || send_unsent(stream);
}

bool StreamConversation::notify(Stream& stream, StreamEvent event, Bytes message,
                                Seconds now) noexcept {
  const bool is_waiting = !stream.output.is_empty();  // For the socket, which will say when.
  turns_.notify(stream, event, message, now);
  return is_waiting || turns_.unsent(stream).empty() || send_unsent(stream);
}

bool StreamConversation::send_unsent(Stream& stream) noexcept {
  const IoResult result = stream.socket.send(turns_.unsent(stream));
  if (result.status == Status::failed || result.status == Status::closed) return false;
  counters_.sent_bytes += result.bytes;
  stream.send_wants = result.status;
  stream.counted_bytes -= std::min(stream.counted_bytes, static_cast<std::uint32_t>(result.bytes));
  turns_.keep_unsent(stream, result.bytes);
  return true;
}

Next StreamConversation::next_of(const Stream& stream) const noexcept {
  if (turns_.is_full(stream)) return Next::full;
  if (!stream.output.is_empty()) {
    return is_receiving(stream) && stream.socket.has_pending_input() ? Next::share : Next::event;
  }
  if (stream.has_turn_to_come()) return Next::share;
  if (stream.is_last) return Next::finish;
  if (stream.is_input_ended) return Next::close;
  return stream.socket.has_pending_input() ? Next::share : Next::event;
}

bool StreamConversation::is_receiving(const Stream& stream) const noexcept {
  return !stream.is_last && !stream.is_input_ended &&
         !stream.must_send_first(limits_.max_output_bytes);
}

}  // namespace aquatic::net
