// SPDX-License-Identifier: Apache-2.0
#include "server/status/history.h"

#include <algorithm>

namespace aquatic::server {
namespace {

using std::chrono::seconds;

constexpr std::array<std::string_view, Sample::kCount> kSeriesNames = {"udp_ipv4_requests",
                                                                       "udp_ipv4_responses",
                                                                       "udp_ipv4_errors",
                                                                       "udp_ipv6_requests",
                                                                       "udp_ipv6_responses",
                                                                       "udp_ipv6_errors",
                                                                       "http_ipv4_requests",
                                                                       "http_ipv4_responses",
                                                                       "http_ipv4_errors",
                                                                       "http_ipv6_requests",
                                                                       "http_ipv6_responses",
                                                                       "http_ipv6_errors",
                                                                       "ws_ipv4_requests",
                                                                       "ws_ipv4_responses",
                                                                       "ws_ipv4_errors",
                                                                       "ws_ipv6_requests",
                                                                       "ws_ipv6_responses",
                                                                       "ws_ipv6_errors",
                                                                       "udp_p50_us",
                                                                       "udp_p99_us",
                                                                       "http_p50_us",
                                                                       "http_p99_us",
                                                                       "ws_p50_us",
                                                                       "ws_p99_us",
                                                                       "bittorrent_ipv4_torrents",
                                                                       "bittorrent_ipv4_peers",
                                                                       "bittorrent_ipv6_torrents",
                                                                       "bittorrent_ipv6_peers",
                                                                       "webtorrent_ipv4_torrents",
                                                                       "webtorrent_ipv4_peers",
                                                                       "webtorrent_ipv6_torrents",
                                                                       "webtorrent_ipv6_peers",
                                                                       "connections",
                                                                       "troubles",
                                                                       "received_bytes",
                                                                       "sent_bytes"};

std::uint64_t sum(const ActionCounts& counts) noexcept {
  std::uint64_t all = 0;
  for (const std::uint64_t count : counts) all += count;
  return all;
}

float per_second(std::uint64_t before, std::uint64_t now, double elapsed_s) noexcept {
  if (now < before) return 0;  // What was counted has begun anew.
  return static_cast<float>(static_cast<double>(now - before) / elapsed_s);
}

float microseconds(std::uint64_t ns) noexcept { return static_cast<float>(ns) / 1000.0f; }

Sample mean_of(std::span<const Sample> samples) {
  Sample mean;
  for (std::size_t i = 0; i < Sample::kCount; ++i) {
    double total = 0;
    std::size_t count = 0;
    for (const Sample& sample : samples) {
      if (Sample::is_latency(i) && sample.values[i] == 0) continue;
      total += static_cast<double>(sample.values[i]);
      ++count;
    }
    if (count > 0) mean.values[i] = static_cast<float>(total / static_cast<double>(count));
  }
  return mean;
}

}  // namespace

std::string_view series_name(std::size_t series) noexcept { return kSeriesNames[series]; }

History::History() = default;

void History::Ring::push(const Sample& sample) {
  if (samples_.size() < capacity_) return samples_.push_back(sample);
  samples_[begin_] = sample;
  begin_ = (begin_ + 1) % capacity_;
}

void History::add(const Figures& figures, Time now) {
  const Moment moment{now, totals_of(figures)};
  time_s_ = figures.unix_time_s;
  if (!before_) {
    before_ = moment;
    sample_begin_ = moment;
    return;
  }
  if (now <= before_->time) return;
  last_ = sample_between(*before_, moment, figures);
  const std::size_t steps = steps_between(before_->time, now, seconds(1), kMinutesPoints);
  for (std::size_t i = 0; i < std::max<std::size_t>(steps, 1); ++i) minutes_.push(last_);
  before_ = moment;

  const std::size_t samples =
      steps_between(sample_begin_->time, now, seconds(kSampleSeconds), kSamples);
  if (samples == 0) return;
  const Sample sample = sample_between(*sample_begin_, moment, figures);
  for (std::size_t i = 0; i < samples; ++i) day_.push(sample);
  sample_begin_ = moment;
  sample_count_ += samples;
  sample_time_s_ = time_s_;
}

History::Totals History::totals_of(const Figures& figures) {
  Totals totals;
  for (const TrafficFigures& from : figures.traffic) {
    const auto add = [&](Sample::Traffic what, std::uint64_t count) {
      totals.traffic[Sample::of(from.protocol, from.family, what)] += count;
    };
    add(Sample::requests, sum(from.requests));
    add(Sample::responses, sum(from.responses));
    add(Sample::errors, from.responses[static_cast<std::size_t>(Action::error)]);
    totals.received_bytes += from.received_bytes;
    totals.sent_bytes += from.sent_bytes;
  }
  for (const StreamFigures& from : figures.streams) {
    totals.received_bytes += from.received_bytes;
    totals.sent_bytes += from.sent_bytes;
  }
  for (const TroubleFigures& from : figures.troubles) totals.troubles += from.count;
  for (const LatencyFigures& from : figures.latencies) {
    if (from.action != Action::announce) continue;
    totals.latencies[static_cast<std::size_t>(from.protocol)] += from.latency;
  }
  return totals;
}

Sample History::sample_between(const Moment& before, const Moment& now, const Figures& figures) {
  const double elapsed_s = std::chrono::duration<double>(now.time - before.time).count();
  Sample sample;
  auto& values = sample.values;
  for (std::size_t i = 0; i < Sample::kLatencies; ++i) {
    values[i] = per_second(before.totals.traffic[i], now.totals.traffic[i], elapsed_s);
  }
  for (std::size_t i = 0; i < Sample::kProtocols; ++i) {
    metrics::LatencyCounts latency = now.totals.latencies[i];
    latency -= before.totals.latencies[i];
    const auto protocol = static_cast<Protocol>(i);
    values[Sample::of(protocol, Sample::p50)] = microseconds(latency.at_share(0.5));
    values[Sample::of(protocol, Sample::p99)] = microseconds(latency.at_share(0.99));
  }
  for (const SwarmFigures& swarm : figures.swarms) {
    values[Sample::of(swarm.kind, swarm.family, Sample::torrents)] +=
        static_cast<float>(swarm.torrents);
    values[Sample::of(swarm.kind, swarm.family, Sample::peers)] += static_cast<float>(swarm.peers);
  }
  for (const StreamFigures& stream : figures.streams) {
    values[Sample::kConnections] += static_cast<float>(stream.open);
  }
  const auto rate = [&](std::uint64_t Totals::* total) {
    return per_second(before.totals.*total, now.totals.*total, elapsed_s);
  };
  values[Sample::kTroubles] = rate(&Totals::troubles);
  values[Sample::kReceivedBytes] = rate(&Totals::received_bytes);
  values[Sample::kSentBytes] = rate(&Totals::sent_bytes);
  return sample;
}

// A tick comes a little before or after its second, and a step is not to be missed for that.
std::size_t History::steps_between(Time before, Time now, seconds step, std::size_t limit) {
  const auto steps = (now - before + std::chrono::milliseconds(500)) / step;
  return std::min(static_cast<std::size_t>(steps), limit);
}

History::Points History::points(HistoryRange range) const {
  Points points;
  const bool is_minutes = range == HistoryRange::minutes;
  const Ring& ring = is_minutes ? minutes_ : day_;
  const std::size_t wanted = range == HistoryRange::hour ? kHourPoints : ring.size();
  points.end_time_s = is_minutes ? time_s_ : sample_time_s_;
  points.step_s = is_minutes ? 1 : kSampleSeconds;
  for (std::size_t i = ring.size() - std::min(wanted, ring.size()); i < ring.size(); ++i) {
    points.samples.push_back(ring.at(i));
  }
  if (range != HistoryRange::day) return points;

  // From the newest back, so that what is left over is at the old end.
  std::vector<Sample> means;
  for (std::size_t end = points.samples.size(); end >= kSamplesPerDayPoint;
       end -= kSamplesPerDayPoint) {
    means.push_back(
        mean_of(std::span(points.samples).subspan(end - kSamplesPerDayPoint, kSamplesPerDayPoint)));
  }
  std::ranges::reverse(means);
  points.samples = std::move(means);
  points.step_s = kSampleSeconds * kSamplesPerDayPoint;
  return points;
}

}  // namespace aquatic::server
