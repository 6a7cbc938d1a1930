// SPDX-License-Identifier: Apache-2.0
// The pause of a busy worker after a batch that was not full.
//
// At 100,000 datagrams a second a worker that waits for each is woken for nearly each, and the
// waking costs several times the answering. One that sleeps for a moment first finds many at once.
#pragma once
#include <chrono>

namespace aquatic::net {

class Nap {
 public:
  // Makes the timers of the calling thread exact enough for naps, unless `length` is 0.
  explicit Nap(std::chrono::microseconds length) noexcept;

  std::chrono::microseconds length() const noexcept { return length_; }
  bool is_off() const noexcept { return length_ == std::chrono::microseconds::zero(); }
  // Sleeps. Returns whether no signal cut it short.
  bool take() const noexcept;

 private:
  std::chrono::microseconds length_;
};

// For after an error that is likely to come again at once: keeps a worker from spinning.
void pause_after_error() noexcept;

}  // namespace aquatic::net
