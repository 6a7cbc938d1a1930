// SPDX-License-Identifier: Apache-2.0
#include "load_test/load_test.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "base/monotonic_clock.h"
#include "config/print.h"
#include "load_test/report.h"
#include "process/control_loop.h"
#include "process/entry.h"

namespace aquatic::load_test {
namespace {

constexpr std::uint64_t kReportEveryS = 5;

void write_file(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
}

void write_info_hashes(const std::string& path, std::uint32_t torrent_count) {
  std::string text;
  for (std::uint32_t i = 0; i < torrent_count; ++i) {
    text += Population::info_hash(i).to_hex();
    text += '\n';
  }
  write_file(path, text);
}

// One load test from its first request to its report.
class LoadTest {
 public:
  LoadTest(const LoadTestOptions& options, const MakeGenerator& make);

  void run();

 private:
  LoadSample take_sample() const;
  void begin();
  std::uint64_t elapsed_s() const;
  void tick();
  // Begins anew as soon as all workers are ready.
  void wait_until_ready();
  // After how many seconds that begins which counts in the final report.
  std::uint64_t begin_s() const;
  void print_report() const;
  void judge(const LoadSample& whole) const;

  const LoadTestOptions& options_;
  process::Signals signals_;
  Population population_;
  std::optional<TorrentTally> per_torrent_;
  std::vector<std::unique_ptr<Generator>> generators_;
  LoadSample start_;     // Of what counts in the final report.
  LoadSample previous_;  // Of the last report.
  bool has_begun_ = false;
  std::uint64_t next_report_s_ = kReportEveryS;
  std::uint64_t started_ns_ = 0;
  bool is_ready_ = false;  // The duration has begun.
  std::uint64_t tracker_bytes_before_ = 0;
  process::Workers workers_;  // Last, so that they end before what they use.
};

LoadTest::LoadTest(const LoadTestOptions& options, const MakeGenerator& make)
    : options_(options), population_(options.torrents, options.peers, options.popularity) {
  if (options.tracker_pid > 0 && read_thread_times(options.tracker_pid).empty()) {
    throw std::runtime_error(
        fmt::format("tracker_pid is {}, but there is no such process", options.tracker_pid));
  }
  tracker_bytes_before_ = options_.tracker_pid > 0 ? read_resident_bytes(options_.tracker_pid) : 0;
  if (!options.info_hashes_path.empty()) {
    write_info_hashes(options.info_hashes_path, population_.torrent_count());
  }
  if (options.counts_torrents) per_torrent_.emplace(population_.torrent_count());
  for (std::uint32_t i = 0; i < options.workers; ++i) {
    generators_.push_back(make(population_, i, per_torrent_ ? &*per_torrent_ : nullptr));
  }
}

void LoadTest::run() {
  process::print(fmt::format("Torrents: {}, peers: {}\n", population_.torrent_count(),
                             population_.peers().size()));
  process::print(percentiles_line("Peers per torrent", population_.peers_per_torrent()));
  for (std::size_t i = 0; i < generators_.size(); ++i) {
    workers_.start(fmt::format("generator-{}", i),
                   [&generator = *generators_[i]](std::stop_token stop) { generator.run(stop); });
  }
  begin();
  is_ready_ = options_.ready_within_s == 0;
  process::run_control_loop(signals_, workers_,
                            {.on_tick = [this] { tick(); },
                             .is_done =
                                 [this] {
                                   return is_ready_ && options_.duration_s > 0 &&
                                          elapsed_s() >= options_.duration_s;
                                 }});
  print_report();
}

LoadSample LoadTest::take_sample() const {
  LoadSample sample;
  sample.at_ns = monotonic_ns();
  for (const auto& generator : generators_) {
    sample.counts.add(generator->tally());
    sample.generator_drops += generator->kernel_drops();
    sample.memory.connections += generator->open_connections();
  }
  sample.generator = read_thread_times(static_cast<std::uint32_t>(getpid()));
  if (options_.tracker_pid > 0) {
    sample.tracker = read_thread_times(options_.tracker_pid);
    sample.memory.bytes = read_resident_bytes(options_.tracker_pid);
    sample.memory.bytes_before = tracker_bytes_before_;
    if (options_.tracker_udp_port > 0) {
      sample.tracker_drops = udp_drops_of_port(options_.tracker_udp_port);
    }
  }
  return sample;
}

// To the nearest second, since ticks come a little early or late.
std::uint64_t LoadTest::elapsed_s() const {
  return (monotonic_ns() - started_ns_ + kNsPerSecond / 2) / kNsPerSecond;
}

void LoadTest::begin() {
  started_ns_ = monotonic_ns();
  start_ = previous_ = take_sample();
  has_begun_ = begin_s() == 0;
  next_report_s_ = kReportEveryS;
}

void LoadTest::wait_until_ready() {
  if (std::ranges::all_of(generators_, [](const auto& each) { return each->is_ready(); })) {
    is_ready_ = true;
    process::print(fmt::format("\nReady after {} s\n", elapsed_s()));
    return begin();
  }
  if (elapsed_s() < options_.ready_within_s) return;
  throw std::runtime_error(fmt::format(
      "not ready within {} s, with {} connections open: is a tracker listening at {}, "
      "and does it take as many?",
      options_.ready_within_s, take_sample().memory.connections, options_.tracker.to_string()));
}

void LoadTest::tick() {
  if (!is_ready_) return wait_until_ready();
  const std::uint64_t seconds = elapsed_s();
  const LoadSample now = take_sample();
  if (!has_begun_ && seconds >= begin_s()) {
    start_ = now;
    has_begun_ = true;
  }
  if (seconds < next_report_s_) return;
  process::print(
      fmt::format("\nAfter {} s:\n{}", seconds, to_text(between(previous_, now), options_.rate)));
  previous_ = now;
  next_report_s_ = seconds + kReportEveryS;
}

std::uint64_t LoadTest::begin_s() const {
  if (options_.duration_s == 0 || options_.summarize_last_s == 0) return options_.warmup_s;
  return std::max(options_.warmup_s, options_.duration_s - options_.summarize_last_s);
}

void LoadTest::print_report() const {
  const LoadSample whole = take_sample();
  const LoadWindow window = between(start_, whole);
  process::print(fmt::format("\n# {} report\n\nOf {:.1f} s:\n{}", options_.program, window.seconds,
                             to_text(window, options_.rate)));
  if (per_torrent_) {
    process::print(percentiles_line("Announce responses per torrent", per_torrent_->counts()));
  }
  process::print("\nConfig:\n" + config::to_toml(options_.settings, config::Comments::without));
  if (!options_.report_json.empty()) {
    write_file(options_.report_json, to_json(window, whole, options_.settings, options_.rate));
  }
  process::print(fmt::format("\nAverage responses per second: {:.0f}\n",
                             window.per_second(window.counts.responses())));
  judge(whole);
}

void LoadTest::judge(const LoadSample& whole) const {
  if (whole.counts.wrong_responses() > 0) {
    throw std::runtime_error(
        fmt::format("{} of {} responses were wrong: see the report", whole.counts.wrong_responses(),
                    whole.counts.wrong_responses() + whole.counts.responses()));
  }
  if (whole.counts.responses() == 0) {
    throw std::runtime_error(fmt::format("no response from {}: is a tracker listening there?",
                                         options_.tracker.to_string()));
  }
}

}  // namespace

void run_load_test(const LoadTestOptions& options, const MakeGenerator& make) {
  LoadTest(options, make).run();
}

}  // namespace aquatic::load_test
