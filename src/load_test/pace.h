// SPDX-License-Identifier: Apache-2.0
// When requests are due in an open loop: at equal distances, however slow the responses are.
//
// A worker that falls behind sends what is overdue at once; latency counts from the due time, so
// a stalled tracker is not flattered by the requests that it kept from being sent (coordinated
// omission). What is overdue by more than the timeout is not sent any more. Not thread-safe.
#pragma once
#include <cstdint>

namespace aquatic::load_test {

class Pace {
 public:
  // Requires: rate > 0, in requests a second.
  Pace(double rate, std::uint64_t start_ns, std::uint64_t timeout_ns);

  // Requests that are due and not sent.
  std::uint64_t due(std::uint64_t now_ns) const noexcept;
  // When the next request that is not sent, or one further on, is or was due.
  std::uint64_t next_due_ns(std::uint64_t ahead = 0) const noexcept {
    return due_ns_of(sent_ + ahead);
  }
  // The next requests were sent.
  void advance(std::uint64_t count) noexcept { sent_ += count; }
  // Leaves out what is overdue by more than the timeout and returns how many that are.
  std::uint64_t skip_hopeless(std::uint64_t now_ns) noexcept;

 private:
  std::uint64_t due_ns_of(std::uint64_t request) const noexcept;
  // Requests that are due before then.
  std::uint64_t due_until(std::uint64_t ns) const noexcept;

  double interval_ns_;
  std::uint64_t start_ns_;
  std::uint64_t timeout_ns_;
  std::uint64_t sent_ = 0;  // Or left out.
};

}  // namespace aquatic::load_test
