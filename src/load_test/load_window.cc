// SPDX-License-Identifier: Apache-2.0
#include "load_test/load_window.h"

#include <algorithm>

#include "base/check.h"

namespace aquatic::load_test {
namespace {

// Above this a thread counts as busy all the time; the rest is the error of the sampling.
constexpr double kBusyShare = 0.95;
// A pace that is kept to this share is kept.
constexpr double kKeptShare = 0.99;
// More lost requests than this are a tracker that does not keep up.
constexpr double kLostShare = 0.01;

Limit limit_of_paced(const LoadWindow& window, std::uint64_t rate, bool is_tracker_busy) {
  const bool is_pace_kept =
      window.per_second(window.counts.requests()) >= kKeptShare * static_cast<double>(rate);
  const bool is_losing = window.lost_share() > kLostShare;
  if (is_pace_kept && !is_losing) return Limit::rate;
  if (is_tracker_busy) return Limit::tracker;
  // Responses that our own sockets dropped were not lost by the tracker.
  const bool is_our_loss = 2 * window.generator_drops > window.counts[LoadCount::lost];
  return is_losing && !is_our_loss ? Limit::tracker : Limit::generator;
}

}  // namespace

std::optional<double> ConnectionMemory::bytes_per_connection() const noexcept {
  if (connections == 0 || bytes <= bytes_before) return std::nullopt;
  return static_cast<double>(bytes - bytes_before) / static_cast<double>(connections);
}

double LoadWindow::per_second(std::uint64_t count) const noexcept {
  return static_cast<double>(count) / seconds;
}

double LoadWindow::lost_share() const noexcept {
  const auto lost = static_cast<double>(counts[LoadCount::lost]);
  const double known = lost + static_cast<double>(answers());
  return known > 0 ? lost / known : 0;
}

std::optional<double> LoadWindow::tracker_ns_per_response() const noexcept {
  if (!tracker || answers() == 0) return std::nullopt;
  return tracker->running_s * 1e9 / static_cast<double>(answers());
}

std::uint64_t LoadWindow::missing_offers() const noexcept {
  const std::uint64_t due = counts[LoadCount::due_offers];
  return due - std::min(due, counts[LoadCount::relayed_offers]);
}

LoadWindow between(const LoadSample& earlier, const LoadSample& later) {
  CHECK(later.at_ns > earlier.at_ns);
  LoadWindow window;
  window.seconds = static_cast<double>(later.at_ns - earlier.at_ns) / 1e9;
  window.counts = later.counts;
  window.counts -= earlier.counts;
  window.generator = use_between(earlier.generator, later.generator, window.seconds);
  if (earlier.tracker && later.tracker) {
    window.tracker = use_between(*earlier.tracker, *later.tracker, window.seconds);
  }
  window.generator_drops = later.generator_drops - earlier.generator_drops;
  window.memory = later.memory;
  window.tracker_drops = later.tracker_drops - earlier.tracker_drops;
  return window;
}

std::string_view name_of(Limit limit) noexcept {
  switch (limit) {
    case Limit::tracker: return "tracker-bound";
    case Limit::generator: return "generator-bound";
    case Limit::rate: return "rate-bound";
    case Limit::outstanding: return "outstanding-bound";
    case Limit::no_responses: return "no responses";
  }
  return "";
}

Limit limit_of(const LoadWindow& window, std::uint64_t rate) noexcept {
  if (window.counts.responses() == 0) return Limit::no_responses;
  const bool is_tracker_busy = window.tracker && window.tracker->busiest_ready >= kBusyShare;
  // A generator that keeps a pace looks at the clock all the time: that it is busy says nothing.
  if (rate > 0) return limit_of_paced(window, rate, is_tracker_busy);
  if (is_tracker_busy) return Limit::tracker;
  if (window.generator.busiest_ready >= kBusyShare) return Limit::generator;
  return window.tracker ? Limit::outstanding : Limit::tracker;
}

}  // namespace aquatic::load_test
