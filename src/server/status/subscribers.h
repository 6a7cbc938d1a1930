// SPDX-License-Identifier: Apache-2.0
// Who watches the live page: streams that want to be told when there is something new to send.
// Bounded; the text itself is in the Snapshot of StatusPages, so a message is but a nudge.
//
// Any thread may call anything. A mailbox outlives the streams that were added with it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "net/mailbox.h"
#include "net/stream_key.h"

namespace aquatic::server {

class Subscribers {
 public:
  using Slot = std::uint32_t;
  static constexpr std::size_t kDefaultLimit = 64;

  explicit Subscribers(std::size_t limit = kDefaultLimit) : slots_(limit) {}

  // A stream of the worker with this mailbox. Nothing if there are as many as there may be.
  std::optional<Slot> add(net::Mailbox& mailbox, net::StreamKey stream) noexcept;
  // Requires: `slot` was given by add() and not removed since.
  void remove(Slot slot) noexcept;
  // Posts an empty message to each stream, so that its handler gets a turn. One that is lost does
  // not matter: the next second brings another.
  void nudge() noexcept;

  std::size_t size() const noexcept;
  // How many were turned away so far.
  std::uint64_t refused_count() const noexcept;

 private:
  struct Subscriber {
    net::Mailbox* mailbox = nullptr;  // Null is a free slot.
    net::StreamKey stream = 0;
  };

  mutable std::mutex mutex_;  // Guards all.
  std::vector<Subscriber> slots_;
  std::size_t size_ = 0;
  std::uint64_t refused_count_ = 0;
};

}  // namespace aquatic::server
