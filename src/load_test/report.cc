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

constexpr std::array kResponseTypes = {LoadCount::connect_responses, LoadCount::announce_responses,
                                       LoadCount::scrape_responses, LoadCount::error_responses};
// What is worth a line only if it happened.
constexpr std::array kMishaps = {LoadCount::lost,
                                 LoadCount::unsent,
                                 LoadCount::late,
                                 LoadCount::duplicates,
                                 LoadCount::refused,
                                 LoadCount::send_failures,
                                 LoadCount::receive_failures,
                                 LoadCount::connection_failures,
                                 LoadCount::broken_connections};

// Waiting for a core is worth a word from here on.
constexpr double kNoticeableShare = 0.05;

double peers_per_announce(const LoadWindow& window) {
  const std::uint64_t announces = window.counts[LoadCount::announce_responses];
  if (announces == 0) return 0;
  return static_cast<double>(window.counts[LoadCount::peers]) / static_cast<double>(announces);
}

std::string latency_line(std::string_view title, const metrics::LatencyCounts& latency) {
  std::string line = fmt::format("{} in microseconds:", title);
  for (const auto& [share, name] : kLatencyShares) {
    const double us = static_cast<double>(latency.at_share(share)) / 1000;
    line += fmt::format(" {} {:.1f}{}", name, us, share < 1 ? "," : "\n");
  }
  return line;
}

// What only streams have, or nothing.
std::string stream_lines(const LoadWindow& window) {
  const auto per_second = [&](LoadCount what) { return window.per_second(window.counts[what]); };
  if (window.counts[LoadCount::received_bytes] == 0) return "";
  constexpr double kMbit = 1'000'000.0 / 8;
  return fmt::format(
      "Connections: {:.2f}/second, with TLS in full {:.2f}, resumed {:.2f}\n"
      "Bandwidth in Mbit/s: out {:.2f}, in {:.2f}\n",
      per_second(LoadCount::connections), per_second(LoadCount::full_handshakes),
      per_second(LoadCount::resumed_handshakes), per_second(LoadCount::sent_bytes) / kMbit,
      per_second(LoadCount::received_bytes) / kMbit);
}

// What only WebTorrent has, or nothing.
std::string relay_lines(const LoadWindow& window) {
  const auto per_second = [&](LoadCount what) { return window.per_second(window.counts[what]); };
  if (window.counts[LoadCount::offers] == 0) return "";
  return fmt::format(
             "Offers: {:.2f}/second, for {:.2f} there were peers\n"
             "  relayed_offers: {:.2f}/second\n"
             "Answers: {:.2f}/second\n"
             "  relayed_answers: {:.2f}/second\n",
             per_second(LoadCount::offers), per_second(LoadCount::due_offers),
             per_second(LoadCount::relayed_offers), per_second(LoadCount::answers),
             per_second(LoadCount::relayed_answers)) +
         latency_line("Latency of offers", window.counts.offer_latency) +
         latency_line("Latency of answers", window.counts.answer_latency);
}

std::string memory_line(const ConnectionMemory& memory) {
  const auto each = memory.bytes_per_connection();
  if (!each) return "";
  constexpr double kMegabyte = 1'000'000;
  return fmt::format(
      "Memory of the tracker: {:.1f} MB, {:.1f} MB before, {:.0f} bytes for each of "
      "{} connections\n",
      static_cast<double>(memory.bytes) / kMegabyte,
      static_cast<double>(memory.bytes_before) / kMegabyte, *each, memory.connections);
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
  for (const LoadCount count : kMishaps) {
    if (window.counts[count] == 0) continue;
    lines += fmt::format("  {}: {}\n", name_of(count), window.counts[count]);
  }
  if (window.missing_offers() > 0) {
    lines +=
        fmt::format("  missing offers, those under way included: {}\n", window.missing_offers());
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

// Settings as TOML writes them are JSON, too.
JsonObject& add(JsonObject& json, const config::Section& section) {
  for (const config::Setting& setting : section.settings) {
    json.raw(setting.name, config::written(setting.value));
  }
  return json;
}

std::string settings_json(const config::Sections& sections) {
  JsonObject json;
  for (const config::Section& section : sections) {
    if (section.name.empty()) {
      add(json, section);
    } else {
      JsonObject inner;
      json.raw(section.name, add(inner, section).str());
    }
  }
  return json.str();
}

std::string cpu_json(const CpuUse& use) {
  return JsonObject()
      .number("running_s", use.running_s)
      .number("busiest_thread_running", use.busiest_running)
      .number("busiest_thread_ready", use.busiest_ready)
      .str();
}

std::string latency_json(const metrics::LatencyCounts& latency) {
  JsonObject json;
  for (const auto& [share, name] : kLatencyShares) json.number(name, latency.at_share(share));
  return json.str();
}

std::string counts_json(const LoadCounts& counts) {
  JsonObject json;
  for (std::size_t i = 0; i < counts.counts.size(); ++i) {
    json.number(name_of(static_cast<LoadCount>(i)), counts.counts[i]);
  }
  return json.str();
}

std::string memory_json(const ConnectionMemory& memory) {
  const auto each = memory.bytes_per_connection();
  return JsonObject()
      .number("bytes", memory.bytes)
      .number("bytes_before", memory.bytes_before)
      .number("connections", memory.connections)
      .raw("bytes_per_connection", each ? fmt::format("{}", *each) : "null")
      .str();
}

std::string wrong_json(const LoadCounts& counts) {
  JsonObject json;
  for (std::size_t i = 0; i < counts.faults.size(); ++i) {
    json.number(name_of(static_cast<Fault>(i)), counts.faults[i]);
  }
  return json.str();
}

std::string errors_json(const LoadCounts& counts) {
  JsonObject json;
  for (const auto& [text, count] : counts.error_texts) json.number(text, count);
  return json.str();
}

}  // namespace

std::string to_text(const LoadWindow& window, std::uint64_t rate) {
  std::string text = fmt::format("Requests out: {:.2f}/second\nResponses in: {:.2f}/second\n",
                                 window.per_second(window.counts.requests()),
                                 window.per_second(window.counts.responses()));
  for (const LoadCount type : kResponseTypes) {
    text +=
        fmt::format("  {}: {:.2f}/second\n", name_of(type), window.per_second(window.counts[type]));
  }
  text += stream_lines(window);
  text += fmt::format("Peers per announce response: {:.2f}\n", peers_per_announce(window));
  text += latency_line("Latency", window.counts.latency);
  text += relay_lines(window) + memory_line(window.memory);
  text += fmt::format("Lost: {:.4f} %\n", 100 * window.lost_share());
  text += mishap_lines(window) + cpu_lines(window) + wrong_responses_text(window.counts);
  text += fmt::format("Limit: {}\n", name_of(limit_of(window, rate)));
  return text;
}

std::string to_json(const LoadWindow& window, const LoadSample& whole,
                    const config::Sections& settings, std::uint64_t rate) {
  JsonObject json;
  json.raw("config", settings_json(settings))
      .number("seconds", window.seconds)
      .number("requests_per_second", window.per_second(window.counts.requests()))
      .number("responses_per_second", window.per_second(window.counts.responses()))
      .number("answers_per_second", window.per_second(window.answers()))
      .number("peers_per_announce_response", peers_per_announce(window))
      .number("lost_share", window.lost_share())
      .raw("counts", counts_json(window.counts))
      .raw("latency_ns", latency_json(window.counts.latency))
      .raw("offer_latency_ns", latency_json(window.counts.offer_latency))
      .raw("answer_latency_ns", latency_json(window.counts.answer_latency))
      .number("missing_offers", window.missing_offers())
      .raw("errors", errors_json(window.counts))
      .raw("wrong_responses", wrong_json(whole.counts))
      .number("generator_drops", window.generator_drops)
      .number("tracker_drops", window.tracker_drops)
      .raw("generator_cpu", cpu_json(window.generator))
      .raw("tracker_cpu", window.tracker ? cpu_json(*window.tracker) : "null")
      .raw("tracker_cpu_ns_per_response", window.tracker_ns_per_response()
                                              ? fmt::format("{}", *window.tracker_ns_per_response())
                                              : "null")
      .raw("tracker_memory", memory_json(window.memory))
      .text("limit", name_of(limit_of(window, rate)));
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

std::string wrong_responses_text(const LoadCounts& counts) {
  std::string text;
  for (std::size_t i = 0; i < counts.faults.size(); ++i) {
    if (counts.faults[i] == 0) continue;
    text +=
        fmt::format("WRONG RESPONSES: {}: {}\n", name_of(static_cast<Fault>(i)), counts.faults[i]);
  }
  return text;
}

}  // namespace aquatic::load_test
