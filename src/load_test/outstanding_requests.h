// SPDX-License-Identifier: Apache-2.0
// The requests of one worker that have no response yet, found by transaction id.
//
// A transaction id is the index of a slot and how often that slot was used, so that a response
// which comes late or twice is recognised. Oldest first; times never decrease. Not thread-safe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/udp/message.h"

namespace aquatic::load_test {

struct SentRequest {
  std::uint64_t due_ns = 0;    // When it was, or should have been, sent.
  std::uint32_t peer = 0;      // Of an announce: whose.
  std::uint16_t torrents = 0;  // Of a scrape: how many.
  std::uint8_t lane = 0;       // The socket it was sent on.
  udp::Action action = udp::Action::connect;
};

class OutstandingRequests {
 public:
  static constexpr std::size_t kMaxCapacity = 65'536;  // Half a transaction id.

  enum class Match : std::uint8_t {
    awaited,
    late,       // The request was given up.
    duplicate,  // It was answered before.
    unknown,    // There never was such a request.
  };
  struct Settled {
    Match match = Match::unknown;
    SentRequest request;  // If it was awaited.
  };

  // Requires: 0 < capacity <= kMaxCapacity.
  explicit OutstandingRequests(std::size_t capacity);

  std::size_t size() const noexcept { return size_; }
  bool has_room() const noexcept { return size_ < capacity_; }

  // Requires: has_room(), and no earlier request was due later.
  udp::TransactionId add(const SentRequest& request) noexcept;
  // Forgets a request that could not be sent. Requires: it is outstanding.
  void withdraw(udp::TransactionId transaction_id) noexcept;
  // Takes the request that a response belongs to.
  Settled settle(udp::TransactionId transaction_id) noexcept;
  // Gives up the oldest request if it was due before then.
  std::optional<SentRequest> give_up(std::uint64_t before_ns) noexcept;

 private:
  enum class State : std::uint8_t { unused, outstanding, answered, given_up };
  struct Slot {
    SentRequest request;
    std::uint32_t previous = 0;
    std::uint32_t next = 0;
    std::uint32_t use_count = 0;
    State state = State::unused;
  };

  // Slots form two rings, each through a slot of its own behind the others: outstanding ones by
  // age, free ones by how long they have been free, so that an id is used again as late as
  // possible.
  std::uint32_t outstanding_ring() const noexcept { return capacity_; }
  std::uint32_t free_ring() const noexcept { return capacity_ + 1; }
  void move_to_end_of(std::uint32_t ring, std::uint32_t index) noexcept;
  void finish(std::uint32_t index, State state) noexcept;

  std::uint32_t capacity_;
  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace aquatic::load_test
