// SPDX-License-Identifier: Apache-2.0
// When streams have to be done with what they are doing.
//
// Each kind of wait has one limit for all streams, so the streams that wait for it are due in the
// order in which they began: setting, changing and finding a deadline all take constant time. Not
// thread-safe.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace aquatic::net {

enum class Wait : std::uint8_t {
  handshake,  // From the connection to where plain text may come: PROXY header and TLS; or to the
              // first byte, where that says whether it is TLS.
  message,    // From the first byte of a message, or from the connection to it, to its end.
  idle,       // Between messages.
  write,      // From output that could not be sent at once to the last of it.
  linger,     // From the end of our output to the peer's closing.
  attended,   // Between messages, of streams whose handler wants to look after them sooner.
  count,
};

class Deadlines {
 public:
  using Limits = std::array<Seconds, static_cast<std::size_t>(Wait::count)>;
  using Slot = std::uint32_t;  // The number of a stream.

  explicit Deadlines(const Limits& limits) noexcept : limits_(limits) {}
  // New limits, for waits that have begun as well.
  void set_limits(const Limits& limits) noexcept { limits_ = limits; }

  // The stream now waits for this, from `now` on, and for nothing else. Slots are small numbers
  // that are used again. Requires: `now` never decreases.
  void set(Slot slot, Wait wait, Seconds now);
  // What the stream waits for, if anything.
  std::optional<Wait> wait_of(Slot slot) const noexcept;
  // The stream waits for nothing any more.
  void clear(Slot slot) noexcept;

  // A stream whose wait has been longer than its limit, if there is one. It stays due until it is
  // set or cleared.
  std::optional<Slot> due(Seconds now) const noexcept;

 private:
  static constexpr Slot kNone = UINT32_MAX;

  // A node of the doubly linked list of its wait.
  struct Node {
    Slot previous = kNone;
    Slot next = kNone;
    Seconds since = 0;
    Wait wait = Wait::count;  // `count` is none.
  };
  struct Queue {
    Slot first = kNone;
    Slot last = kNone;
  };

  void unlink(Slot slot) noexcept;

  Limits limits_;
  std::vector<Node> nodes_;  // By slot.
  std::array<Queue, static_cast<std::size_t>(Wait::count)> queues_;
};

}  // namespace aquatic::net
