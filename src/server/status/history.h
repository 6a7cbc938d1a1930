// SPDX-License-Identifier: Apache-2.0
// What a tracker did in the last 24 hours, in bounded memory: rates, how many there were, and how
// long responses took. The last minutes second by second, the day four times a minute.
//
// Rates are differences of totals over the time that lay between. Control plane only.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "metrics/latency_histogram.h"
#include "server/status/figures.h"

namespace aquatic::server {

// What is remembered of one moment: the values of all series.
struct Sample {
  static constexpr std::size_t kProtocols = static_cast<std::size_t>(Protocol::count);
  enum Traffic : std::size_t { requests, responses, errors };  // Per second.
  enum Latency : std::size_t { p50, p99 };                     // Of announces, in microseconds.
  enum Swarm : std::size_t { torrents, peers };

  // Where the series are in `values`.
  static constexpr std::size_t of(Protocol protocol, Family family, Traffic what) noexcept {
    return (static_cast<std::size_t>(protocol) * 2 + static_cast<std::size_t>(family)) * 3 + what;
  }
  static constexpr std::size_t kLatencies = kProtocols * 2 * 3;
  static constexpr std::size_t of(Protocol protocol, Latency what) noexcept {
    return kLatencies + static_cast<std::size_t>(protocol) * 2 + what;
  }
  static constexpr std::size_t kSwarms = kLatencies + kProtocols * 2;
  static constexpr std::size_t of(SwarmKind kind, Family family, Swarm what) noexcept {
    return kSwarms + (static_cast<std::size_t>(kind) * 2 + static_cast<std::size_t>(family)) * 2 +
           what;
  }
  static constexpr std::size_t kConnections = kSwarms + 8;
  static constexpr std::size_t kTroubles = kConnections + 1;       // Per second.
  static constexpr std::size_t kReceivedBytes = kConnections + 2;  // Per second.
  static constexpr std::size_t kSentBytes = kConnections + 3;      // Per second.
  static constexpr std::size_t kCount = kConnections + 4;

  // A latency is 0 when there was no response: it is left out of means.
  static constexpr bool is_latency(std::size_t series) noexcept {
    return series >= kLatencies && series < kSwarms;
  }

  std::array<float, kCount> values{};
};

// "udp_ipv4_requests"
std::string_view series_name(std::size_t series) noexcept;

// How far back one looks, and how closely.
enum class HistoryRange : std::uint8_t { minutes, hour, day, count };
inline constexpr std::array<std::string_view, static_cast<std::size_t>(HistoryRange::count)>
    kHistoryRangeNames = {"minutes", "hour", "day"};

class History {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMinutesPoints = 300;  // Of a second.
  static constexpr std::size_t kHourPoints = 240;     // Of a sample.
  static constexpr std::size_t kSamplesPerDayPoint = 8;
  static constexpr std::uint32_t kSampleSeconds = 15;
  static constexpr std::size_t kSamples = 24 * 3600 / kSampleSeconds;
  static constexpr std::size_t kMaxBytes = 1'000'000;

  History();

  // Takes what is known `now`; to be called about once a second. A second that was missed has the
  // mean of those around it. A total that has decreased counts as if it had not changed. Requires:
  // counts of latencies do not decrease.
  void add(const Figures& figures, Time now);

  // The last second; zeros before there were two calls.
  const Sample& last() const noexcept { return last_; }
  // Counts the samples of the day, so that it tells when ranges but the minutes have changed.
  std::uint64_t sample_count() const noexcept { return sample_count_; }

  struct Points {
    std::uint32_t step_s = 1;
    std::uint64_t end_time_s = 0;  // Of the last one, in Unix time.
    std::vector<Sample> samples;   // Oldest first.
  };
  Points points(HistoryRange range) const;

 private:
  // The newest `capacity` samples.
  class Ring {
   public:
    explicit Ring(std::size_t capacity) : capacity_(capacity) { samples_.reserve(capacity); }
    void push(const Sample& sample);
    std::size_t size() const noexcept { return samples_.size(); }
    // From the oldest. Requires: index < size().
    const Sample& at(std::size_t index) const noexcept {
      return samples_[(begin_ + index) % samples_.size()];
    }

   private:
    std::size_t capacity_;
    std::size_t begin_ = 0;  // The oldest, once it is full.
    std::vector<Sample> samples_;
  };

  // What rates are made of.
  struct Totals {
    std::array<std::uint64_t, Sample::kLatencies> traffic{};
    std::uint64_t troubles = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
    std::array<metrics::LatencyCounts, Sample::kProtocols> latencies;
  };
  struct Moment {
    Time time;
    Totals totals;
  };

  static Totals totals_of(const Figures& figures);
  static Sample sample_between(const Moment& before, const Moment& now, const Figures& figures);
  // How many steps of that length have ended, but not more than there is room for.
  static std::size_t steps_between(Time before, Time now, std::chrono::seconds step,
                                   std::size_t limit);

  Ring minutes_{kMinutesPoints};
  Ring day_{kSamples};
  Sample last_;
  std::optional<Moment> before_;        // A second ago.
  std::optional<Moment> sample_begin_;  // Of the sample that is still to come.
  std::uint64_t sample_count_ = 0;
  std::uint64_t time_s_ = 0;  // Unix time of the last second and of the last sample.
  std::uint64_t sample_time_s_ = 0;

  static_assert((kSamples + kMinutesPoints) * sizeof(Sample) + 2 * sizeof(Moment) <= kMaxBytes);
  static_assert(kHourPoints * kSampleSeconds == 3600);
  static_assert(kSamples % kSamplesPerDayPoint == 0);
};

}  // namespace aquatic::server
