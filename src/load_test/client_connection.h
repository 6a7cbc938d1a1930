// SPDX-License-Identifier: Apache-2.0
// One connection of a load test, over and over again: its stream, what is to be sent and what has
// arrived. What is said on it is for those who derive from it. Belongs to one worker.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/byte_buffer.h"
#include "base/endpoint.h"
#include "load_test/client_stream.h"

namespace aquatic::load_test {

class ClientConnection {
 public:
  std::optional<IpAddress> source;  // Where it connects from; none leaves it to the kernel.

  ClientStream stream;
  std::uint32_t generation = 0;       // How often it was opened, to know old events by.
  std::uint64_t closed_until_ns = 0;  // After a failure, not to fail again at once.

  // --- What is to be sent.
  ByteBuffer output;
  // Sends what can be sent now, and says how many bytes; nothing if the stream is broken. Requires:
  // it is open.
  std::optional<std::size_t> flush() noexcept;

  // --- What has arrived. It is borrowed until keep_input(), which copies what was not read.
  void add_input(Bytes arrived);
  Bytes input() const noexcept { return input_; }
  void consume(std::size_t bytes) noexcept { input_ = input_.subspan(bytes); }
  void keep_input();

  // Closes and forgets everything that the next one is not to know.
  void close() noexcept;

 private:
  Bytes input_;      // In rest_, or borrowed.
  ByteBuffer rest_;  // What was left of earlier arrivals.
};

}  // namespace aquatic::load_test
