// SPDX-License-Identifier: Apache-2.0
#include "net/nap.h"

#include <sys/prctl.h>
#include <time.h>

namespace aquatic::net {
namespace {

// The default of 50 us would make a nap of 100 us half as long again.
constexpr unsigned long kTimerSlackNs = 1000;
// Long enough to cost nothing, short enough to be gone when the reason is.
constexpr std::chrono::microseconds kErrorPause{1000};

bool sleep_for(std::chrono::microseconds length) noexcept {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length);
  const std::chrono::nanoseconds rest = length - seconds;
  const timespec time{.tv_sec = seconds.count(), .tv_nsec = rest.count()};
  return clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr) == 0;
}

}  // namespace

Nap::Nap(std::chrono::microseconds length) noexcept : length_(length) {
  if (!is_off()) prctl(PR_SET_TIMERSLACK, kTimerSlackNs, 0, 0, 0);
}

bool Nap::take() const noexcept { return sleep_for(length_); }

void pause_after_error() noexcept { sleep_for(kErrorPause); }

}  // namespace aquatic::net
