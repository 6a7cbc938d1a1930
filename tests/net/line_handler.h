// SPDX-License-Identifier: Apache-2.0
// A handler for tests of streams. Messages are lines; what they say is done:
//
//   echo TEXT     answers TEXT
//   big COUNT     answers COUNT times x
//   chunks COUNT  answers COUNT chunks, each in a turn of its own
//   last TEXT     answers TEXT and closes
//   attend TEXT   answers TEXT and looks after the stream from now on
//   who           answers who has asked, and whether by TLS
//
// Each answer is a line, too.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/stream_handler.h"

namespace aquatic::net {

class LineHandler final : public StreamHandler {
 public:
  static constexpr std::size_t kChunkBytes = 10'000;

  void handle(StreamTurn& turn) noexcept override;
  void forget(std::uint64_t memo) noexcept override;

  // Stops for output beyond this.
  std::size_t max_outstanding_bytes = 1 << 20;
  // Said when nothing comes, if not empty, and when the server stops, as the last word.
  std::string idle_word;
  std::string stop_word;

  std::vector<StreamEvent> events;       // Of all turns.
  std::vector<std::size_t> input_bytes;  // Of all turns.
  std::vector<std::uint64_t> forgotten;  // Notes; each stream has one of its own.
  std::vector<StreamKey> streams;        // In the order of their first turn.
  std::size_t message_count = 0;

 private:
  void answer(std::string_view line, StreamTurn& turn);
  void continue_chunks(StreamTurn& turn);

  std::uint64_t stream_count_ = 0;
};

}  // namespace aquatic::net
