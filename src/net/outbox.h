// SPDX-License-Identifier: Apache-2.0
// One worker's way to the streams of all workers, its own included.
//
// What is posted in a round leaves at its end, so that a lock and a wake-up serve many messages.
// Belongs to one worker.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "net/mailbox.h"

namespace aquatic::net {

class Outbox {
 public:
  using Mailboxes = std::span<const std::unique_ptr<Mailbox>>;

  // `mailboxes` are those of all workers, by number, and outlive it; `own` is this worker's.
  Outbox(Mailboxes mailboxes, std::uint32_t own)
      : mailboxes_(mailboxes), own_(own), outgoing_(mailboxes.size()) {}

  std::uint32_t own_number() const noexcept { return own_; }
  Mailbox& inbox() noexcept { return *mailboxes_[own_]; }

  // To a stream of the worker with this number. Whether it arrives nobody learns: the stream may be
  // gone, and a mailbox may be full.
  void post(std::uint32_t worker, StreamKey stream, Bytes message) noexcept;

  // Sends what was posted to other workers.
  void flush() noexcept;
  // Replaces `mail` with what was posted to this worker's own streams: no lock, no wake-up.
  void take_own(Mail& mail) noexcept;
  bool has_own() const noexcept { return !outgoing_[own_].is_empty(); }

  // Messages that found a mailbox full.
  std::uint64_t lost_count() const noexcept { return lost_count_; }

 private:
  // Not to hold more than a mailbox takes at once.
  static constexpr std::size_t kMaxOutgoingBytes = 256 * 1024;

  void send(std::uint32_t worker) noexcept;

  const Mailboxes mailboxes_;
  const std::uint32_t own_;
  std::vector<Mail> outgoing_;  // By worker.
  std::uint64_t lost_count_ = 0;
};

}  // namespace aquatic::net
