// SPDX-License-Identifier: Apache-2.0
#include "server/status/opentracker_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

namespace aquatic::server {
namespace {

// What opentracker counts, by its names.
struct Counts {
  std::uint64_t uptime_s = 0;
  std::uint64_t torrents = 0;
  std::uint64_t peers = 0;
  std::uint64_t seeds = 0;
  std::uint64_t completed = 0;
  std::uint64_t tcp_accepts = 0;
  std::uint64_t tcp_announces = 0;
  std::uint64_t tcp_scrapes = 0;
  std::uint64_t udp_overall = 0;  // Datagrams.
  std::uint64_t udp_connects = 0;
  std::uint64_t udp_announces = 0;
  std::uint64_t udp_scrapes = 0;
  std::uint64_t udp_mismatches = 0;

  std::uint64_t udp_successes() const noexcept { return udp_connects + udp_announces; }
};

std::uint64_t of(const ActionCounts& counts, Action action) noexcept {
  return counts[static_cast<std::size_t>(action)];
}

void add_traffic(const TrafficFigures& from, Counts& counts) {
  const ActionCounts& responses = from.responses;
  if (from.protocol != Protocol::udp) {
    counts.tcp_announces += of(responses, Action::announce);
    counts.tcp_scrapes += of(responses, Action::scrape);
    return;
  }
  for (const std::uint64_t requests : from.requests) counts.udp_overall += requests;
  counts.udp_connects += of(responses, Action::connect);
  counts.udp_announces += of(responses, Action::announce);
  counts.udp_scrapes += of(responses, Action::scrape);
}

Counts counts_of(const Figures& figures) {
  Counts counts;
  counts.uptime_s = figures.uptime_s;
  for (const SwarmFigures& swarm : figures.swarms) {
    counts.torrents += swarm.torrents;
    counts.peers += swarm.peers;
    counts.seeds += swarm.seeders.value_or(0);
    counts.completed += swarm.downloads.value_or(0);
  }
  for (const StreamFigures& stream : figures.streams) counts.tcp_accepts += stream.accepted;
  for (const TrafficFigures& traffic : figures.traffic) add_traffic(traffic, counts);
  for (const TroubleFigures& trouble : figures.troubles) {
    if (trouble.name.ends_with("bad_connection_ids")) counts.udp_mismatches += trouble.count;
  }
  return counts;
}

std::uint64_t per(std::uint64_t count, std::uint64_t time) noexcept {
  return count / std::max<std::uint64_t>(time, 1);
}

// Two numbers, the time, a title.
std::string mrtg(std::uint64_t first, std::uint64_t second, std::uint64_t uptime_s,
                 std::string_view title) {
  return fmt::format("{}\n{}\n{} seconds ({} hours)\n{}", first, second, uptime_s, uptime_s / 3600,
                     title);
}

// Of what came in, and what of it was a success.
std::string connections(std::string_view name, std::uint64_t all, std::uint64_t successes,
                        std::uint64_t uptime_s) {
  return mrtg(all, successes, uptime_s,
              fmt::format("opentracker {}, {} conns/s :: {} success/s.", name, per(all, uptime_s),
                          per(successes, uptime_s)));
}

std::string serving(std::uint64_t first, std::uint64_t second, std::uint64_t torrents) {
  return fmt::format("{}\n{}\nopentracker serving {} torrents\nopentracker", first, second,
                     torrents);
}

void append_top(std::string& text, std::string_view what, std::span<const SwarmCensus::Ranked> all,
                std::size_t amount) {
  fmt::format_to(std::back_inserter(text), "Top {} torrents by {}:\n", amount, what);
  for (const auto& [info_hash, count] : all.first(std::min(amount, all.size()))) {
    std::string digits = info_hash.to_hex();
    // As opentracker writes them.
    for (char& c : digits) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    fmt::format_to(std::back_inserter(text), "\t{}\t{}\n", count, digits);
  }
}

std::string top(const SwarmCensus::Ranking& ranking, std::size_t amount) {
  std::string text;
  append_top(text, "peers", ranking.by_peers, amount);
  append_top(text, "seeds", ranking.by_seeders, amount);
  return text;
}

std::string everything_xml(const Counts& counts, std::string_view version) {
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<stats>
  <tracker_id>0</tracker_id>
  <version>
{}
  </version>
  <uptime>{}</uptime>
  <torrents>
    <count_mutex>{}</count_mutex>
    <count_iterator>{}</count_iterator>
  </torrents>
  <peers>
    <count>{}</count>
  </peers>
  <seeds>
    <count>{}</count>
  </seeds>
  <completed>
    <count>{}</count>
  </completed>
  <connections>
    <tcp>
      <accept>{}</accept>
      <announce>{}</announce>
      <scrape>{}</scrape>
    </tcp>
    <udp>
      <overall>{}</overall>
      <connect>{}</connect>
      <announce>{}</announce>
      <scrape>{}</scrape>
      <missmatch>{}</missmatch>
    </udp>
    <livesync>
      <count>0</count>
    </livesync>
  </connections>
  <debug>
    <renew>
    </renew>
    <http_error>
    </http_error>
    <mutex_stall>
      <count>0</count>
    </mutex_stall>
  </debug>
</stats>)",
      version, counts.uptime_s, counts.torrents, counts.torrents, counts.peers, counts.seeds,
      counts.completed, counts.tcp_accepts, counts.tcp_announces, counts.tcp_scrapes,
      counts.udp_overall, counts.udp_connects, counts.udp_announces, counts.udp_scrapes,
      counts.udp_mismatches);
}

}  // namespace

OpentrackerTexts make_opentracker_texts(const Figures& figures,
                                        const SwarmCensus::Ranking* ranking) {
  const Counts counts = counts_of(figures);
  const std::uint64_t uptime_s = counts.uptime_s;
  const std::string version_text = "aquatic " + figures.version;
  OpentrackerTexts texts;
  const auto text = [&texts](OpentrackerMode mode) -> std::string& {
    return texts[static_cast<std::size_t>(mode)];
  };
  using enum OpentrackerMode;
  text(peer) = serving(counts.peers, counts.seeds, counts.torrents);
  text(torr) = serving(counts.torrents, 0, counts.torrents);
  text(conn) = connections("connections", counts.tcp_accepts + counts.udp_overall,
                           counts.tcp_announces + counts.udp_successes(), uptime_s);
  text(udp4) = connections("udp4 stats", counts.udp_overall, counts.udp_successes(), uptime_s);
  text(tcp4) = connections("tcp4 stats", counts.tcp_accepts, counts.tcp_announces, uptime_s);
  text(scrp) = mrtg(counts.tcp_scrapes, counts.udp_scrapes, uptime_s,
                    fmt::format("opentracker scrape stats, {} scrape/s (tcp and udp)",
                                per(counts.tcp_scrapes + counts.udp_scrapes, uptime_s)));
  text(completed) =
      mrtg(counts.completed, 0, uptime_s,
           fmt::format("opentracker, {} completed/h.", per(counts.completed, uptime_s / 3600)));
  text(version) = version_text + "\n";
  text(everything) = everything_xml(counts, version_text);
  if (ranking != nullptr) {
    text(top10) = top(*ranking, 10);
    text(top100) = top(*ranking, 100);
  }
  return texts;
}

}  // namespace aquatic::server
