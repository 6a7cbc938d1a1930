// SPDX-License-Identifier: Apache-2.0
#include "load_test/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/json.h"

namespace aquatic::load_test {
namespace {

struct Share {
  double share;
  std::string_view name;
};

constexpr std::array kLatencyShares = {Share{0.5, "p50"}, Share{0.9, "p90"}, Share{0.99, "p99"},
                                       Share{0.999, "p99.9"}, Share{1, "max"}};
// Those of the original, so that its figures can be compared.
constexpr std::array kTorrentShares = {
    Share{0.1, "p10"},  Share{0.25, "p25"},    Share{0.5, "p50"},
    Share{0.75, "p75"}, Share{0.9, "p90"},     Share{0.95, "p95"},
    Share{0.99, "p99"}, Share{0.999, "p99.9"}, Share{1, "max"}};

constexpr std::array kResponseTypes = {UdpCount::connect_responses, UdpCount::announce_responses,
                                       UdpCount::scrape_responses, UdpCount::error_responses};
// What is worth a line only if it happened.
constexpr std::array kMishaps = {UdpCount::lost,
                                 UdpCount::unsent,
                                 UdpCount::late,
                                 UdpCount::duplicates,
                                 UdpCount::refused,
                                 UdpCount::send_failures,
                                 UdpCount::receive_failures};

// Waiting for a core is worth a word from here on.
constexpr double kNoticeableShare = 0.05;

double peers_per_announce(const LoadWindow& window) {
  const std::uint64_t announces = window.counts[UdpCount::announce_responses];
  if (announces == 0) return 0;
  return static_cast<double>(window.counts[UdpCount::peers]) / static_cast<double>(announces);
}

std::string latency_line(const LatencyCounts& latency) {
  std::string line = "Latency in microseconds:";
  for (const auto& [share, name] : kLatencyShares) {
    const double us = static_cast<double>(latency.at_share(share)) / 1000;
    line += fmt::format(" {} {:.1f}{}", name, us, share < 1 ? "," : "\n");
  }
  return line;
}

std::string cpu_line(std::string_view who, const CpuUse& use, double seconds) {
  std::string line = fmt::format("CPU of the {}: {:.2f} cores, its busiest thread {:.0f} %", who,
                                 use.running_s / seconds, 100 * use.busiest_running);
  const double waiting = use.busiest_ready - use.busiest_running;
  // Then the figures say as much about what else the machine does as about the tracker.
  if (waiting >= kNoticeableShare) {
    line += fmt::format(", and {:.0f} % waiting for a core", 100 * waiting);
  }
  return line + "\n";
}

std::string cpu_lines(const LoadWindow& window) {
  std::string lines = cpu_line("generator", window.generator, window.seconds);
  if (window.tracker) lines += cpu_line("tracker", *window.tracker, window.seconds);
  if (const auto ns = window.tracker_ns_per_response()) {
    lines += fmt::format("CPU of the tracker for each response: {:.0f} ns\n", *ns);
  }
  return lines;
}

std::string mishap_lines(const LoadWindow& window) {
  std::string lines;
  for (const UdpCount count : kMishaps) {
    if (window.counts[count] == 0) continue;
    lines += fmt::format("  {}: {}\n", name_of(count), window.counts[count]);
  }
  if (window.generator_drops > 0 || window.tracker_drops > 0) {
    lines += fmt::format("  dropped by the kernel: {} requests, {} responses\n",
                         window.tracker_drops, window.generator_drops);
  }
  for (const auto& [text, count] : window.counts.error_texts) {
    lines += fmt::format("  error \"{}\": {}\n", text, count);
  }
  return lines;
}

// `"name":value` pairs, joined.
class JsonObject {
 public:
  template <class Value>
  JsonObject& number(std::string_view name, Value value) {
    return raw(name, fmt::format("{}", value));
  }
  JsonObject& text(std::string_view name, std::string_view value) {
    return raw(name, fmt::format("\"{}\"", escape_json(value)));
  }
  JsonObject& raw(std::string_view name, std::string_view json) {
    members_ += fmt::format("{}\"{}\":{}", members_.empty() ? "" : ",", escape_json(name), json);
    return *this;
  }
  std::string str() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

std::string config_json(const UdpLoadTestConfig& config) {
  const auto& requests = config.requests;
  return JsonObject()
      .text("server_address", config.server_address.Endpoint::to_string())
      .number("workers", config.workers)
      .number("sockets_per_worker", config.network.sockets_per_worker)
      .number("rate", config.rate)
      .number("outstanding", config.outstanding)
      .number("number_of_torrents", requests.number_of_torrents)
      .number("number_of_peers", requests.number_of_peers)
      .number("announce_peers_wanted", requests.announce_peers_wanted)
      .number("weight_connect", requests.weight_connect)
      .number("weight_announce", requests.weight_announce)
      .number("weight_scrape", requests.weight_scrape)
      .str();
}

std::string cpu_json(const CpuUse& use) {
  return JsonObject()
      .number("running_s", use.running_s)
      .number("busiest_thread_running", use.busiest_running)
      .number("busiest_thread_ready", use.busiest_ready)
      .str();
}

std::string latency_json(const LatencyCounts& latency) {
  JsonObject json;
  for (const auto& [share, name] : kLatencyShares) json.number(name, latency.at_share(share));
  return json.str();
}

std::string counts_json(const UdpCounts& counts) {
  JsonObject json;
  for (std::size_t i = 0; i < counts.counts.size(); ++i) {
    json.number(name_of(static_cast<UdpCount>(i)), counts.counts[i]);
  }
  return json.str();
}

std::string wrong_json(const UdpCounts& counts) {
  JsonObject json;
  for (std::size_t i = 0; i < counts.faults.size(); ++i) {
    json.number(name_of(static_cast<Fault>(i)), counts.faults[i]);
  }
  return json.str();
}

std::string errors_json(const UdpCounts& counts) {
  JsonObject json;
  for (const auto& [text, count] : counts.error_texts) json.number(text, count);
  return json.str();
}

}  // namespace

std::string to_text(const LoadWindow& window, std::uint64_t rate) {
  std::string text = fmt::format("Requests out: {:.2f}/second\nResponses in: {:.2f}/second\n",
                                 window.per_second(window.counts.requests()),
                                 window.per_second(window.counts.responses()));
  for (const UdpCount type : kResponseTypes) {
    text +=
        fmt::format("  {}: {:.2f}/second\n", name_of(type), window.per_second(window.counts[type]));
  }
  text += fmt::format("Peers per announce response: {:.2f}\n", peers_per_announce(window));
  text += latency_line(window.counts.latency);
  text += fmt::format("Lost: {:.4f} %\n", 100 * window.lost_share());
  text += mishap_lines(window) + cpu_lines(window) + wrong_responses_text(window.counts);
  text += fmt::format("Limit: {}\n", name_of(limit_of(window, rate)));
  return text;
}

std::string to_json(const LoadWindow& window, const LoadSample& whole,
                    const UdpLoadTestConfig& config) {
  JsonObject json;
  json.raw("config", config_json(config))
      .number("seconds", window.seconds)
      .number("requests_per_second", window.per_second(window.counts.requests()))
      .number("responses_per_second", window.per_second(window.counts.responses()))
      .number("peers_per_announce_response", peers_per_announce(window))
      .number("lost_share", window.lost_share())
      .raw("counts", counts_json(window.counts))
      .raw("latency_ns", latency_json(window.counts.latency))
      .raw("errors", errors_json(window.counts))
      .raw("wrong_responses", wrong_json(whole.counts))
      .number("generator_drops", window.generator_drops)
      .number("tracker_drops", window.tracker_drops)
      .raw("generator_cpu", cpu_json(window.generator))
      .raw("tracker_cpu", window.tracker ? cpu_json(*window.tracker) : "null")
      .raw("tracker_cpu_ns_per_response", window.tracker_ns_per_response()
                                              ? fmt::format("{}", *window.tracker_ns_per_response())
                                              : "null")
      .text("limit", name_of(limit_of(window, config.rate)));
  return json.str() + "\n";
}

std::string percentiles_line(std::string_view title, std::vector<std::uint32_t> counts) {
  if (counts.empty()) return "";
  std::ranges::sort(counts);
  std::string line = fmt::format("{}: min {}", title, counts.front());
  for (const auto& [share, name] : kTorrentShares) {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(counts.size() - 1));
    line += fmt::format(", {} {}", name, counts[rank]);
  }
  return line + "\n";
}

std::string wrong_responses_text(const UdpCounts& counts) {
  std::string text;
  for (std::size_t i = 0; i < counts.faults.size(); ++i) {
    if (counts.faults[i] == 0) continue;
    text +=
        fmt::format("WRONG RESPONSES: {}: {}\n", name_of(static_cast<Fault>(i)), counts.faults[i]);
  }
  return text;
}

}  // namespace aquatic::load_test
