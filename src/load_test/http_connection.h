// SPDX-License-Identifier: Apache-2.0
// One connection of the HTTP load test, over and over again: its stream, the requests that have no
// response yet, what is to be sent and what has arrived.
//
// Responses come in the order of the requests, so those form a queue. Belongs to one worker.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_buffer.h"
#include "base/check.h"
#include "base/endpoint.h"
#include "load_test/client_stream.h"
#include "load_test/http_requests.h"
#include "load_test/http_response_reader.h"

namespace aquatic::load_test {

class HttpConnection {
 public:
  // Requires: room for at least one request.
  explicit HttpConnection(std::size_t max_outstanding) : sent_(max_outstanding) {}

  // Who asks: where it connects from, and its positions in the population.
  std::optional<IpAddress> source;  // None leaves it to the kernel.
  IpAddress self;                   // As the tracker sees it, once it is open.
  std::uint32_t first_peer = 0;
  std::uint32_t next_peer = 0;

  ClientStream stream;
  std::uint32_t generation = 0;       // How often it was opened, to know old events by.
  std::uint64_t closed_until_ns = 0;  // After a failure, not to fail again at once.

  // --- Requests, oldest first.
  std::size_t outstanding() const noexcept { return count_; }
  bool has_room() const noexcept { return count_ < sent_.size(); }
  // Requires: has_room(). What the request looks like is appended to `output`.
  void push(const HttpSentRequest& request) noexcept;
  const HttpSentRequest& oldest() const noexcept { return sent_[first_]; }
  // Requires: outstanding() > 0.
  HttpSentRequest pop() noexcept;

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
  std::vector<HttpSentRequest> sent_;  // A ring.
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  Bytes input_;      // In rest_, or borrowed.
  ByteBuffer rest_;  // What was left of earlier arrivals.
};

}  // namespace aquatic::load_test
