// SPDX-License-Identifier: Apache-2.0
#include "tests/net/line_handler.h"

#include <cstdlib>

namespace aquatic::net {
namespace {

// A memo is the number of the stream, and above it how many chunks are to come.
constexpr unsigned kChunkShift = 32;
constexpr std::uint64_t kOneChunk = std::uint64_t{1} << kChunkShift;

std::size_t number_in(std::string_view text) {
  return std::strtoul(std::string(text).c_str(), nullptr, 10);
}

}  // namespace

void LineHandler::handle(StreamTurn& turn) noexcept {
  events.push_back(turn.event);
  input_bytes.push_back(turn.input.size());
  if (turn.memo == 0) {
    turn.memo = ++stream_count_;
    streams.push_back(turn.stream);
  }
  if (turn.event == StreamEvent::refused) return turn.output.append("refused\n");
  if (turn.event == StreamEvent::timeout) return turn.output.append("timeout\n");
  if (turn.event == StreamEvent::drained) return continue_chunks(turn);
  if (turn.event == StreamEvent::idle) return turn.output.append(idle_word);
  if (turn.event == StreamEvent::message) return turn.output.append(turn.message);
  if (turn.event == StreamEvent::stopping) {
    turn.output.append(stop_word);
    turn.is_last = !stop_word.empty();
    return;
  }
  const std::string_view text = as_text(turn.input);
  while (turn.output.size() <= max_outstanding_bytes && !turn.is_last && !turn.has_more_output) {
    const std::size_t end = text.find('\n', turn.consumed);
    if (end == std::string_view::npos) break;
    ++message_count;
    answer(text.substr(turn.consumed, end - turn.consumed), turn);
    turn.consumed = end + 1;
  }
}

void LineHandler::forget(std::uint64_t memo) noexcept {
  forgotten.push_back(memo & (kOneChunk - 1));
}

void LineHandler::answer(std::string_view line, StreamTurn& turn) {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  const std::string_view rest = space == line.npos ? "" : line.substr(space + 1);
  if (word == "echo") {
    turn.output.append(rest);
  } else if (word == "big") {
    turn.output.append(std::string(number_in(rest), 'x'));
  } else if (word == "chunks") {
    turn.memo += number_in(rest) << kChunkShift;
    return continue_chunks(turn);
  } else if (word == "last") {
    turn.output.append(rest);
    turn.is_last = true;
  } else if (word == "attend") {
    turn.output.append(rest);
    turn.is_attended = true;
  } else if (word == "who") {
    turn.output.append(turn.peer.to_string() + (turn.is_secure ? " secure" : " plain"));
  } else {
    turn.output.append("what");
  }
  turn.output.append("\n");
}

void LineHandler::continue_chunks(StreamTurn& turn) {
  turn.output.append(std::string(kChunkBytes - 1, 'x') + '\n');
  turn.memo -= kOneChunk;
  turn.has_more_output = turn.memo >= kOneChunk;
}

}  // namespace aquatic::net
