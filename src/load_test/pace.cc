// SPDX-License-Identifier: Apache-2.0
#include "load_test/pace.h"

#include "base/check.h"

namespace aquatic::load_test {

Pace::Pace(double rate, std::uint64_t start_ns, std::uint64_t timeout_ns)
    : interval_ns_(1e9 / rate), start_ns_(start_ns), timeout_ns_(timeout_ns) {
  CHECK(rate > 0);
}

std::uint64_t Pace::due(std::uint64_t now_ns) const noexcept {
  const std::uint64_t until = due_until(now_ns);
  return until > sent_ ? until - sent_ : 0;
}

std::uint64_t Pace::skip_hopeless(std::uint64_t now_ns) noexcept {
  if (now_ns < start_ns_ + timeout_ns_) return 0;
  const std::uint64_t hopeless = due_until(now_ns - timeout_ns_);
  if (hopeless <= sent_) return 0;
  const std::uint64_t skipped = hopeless - sent_;
  sent_ = hopeless;
  return skipped;
}

// A double counts to 2^53: a hundred days of nanoseconds.
std::uint64_t Pace::due_ns_of(std::uint64_t request) const noexcept {
  return start_ns_ + static_cast<std::uint64_t>(interval_ns_ * static_cast<double>(request));
}

std::uint64_t Pace::due_until(std::uint64_t ns) const noexcept {
  if (ns < start_ns_) return 0;
  return static_cast<std::uint64_t>(static_cast<double>(ns - start_ns_) / interval_ns_) + 1;
}

}  // namespace aquatic::load_test
