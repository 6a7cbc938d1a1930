// SPDX-License-Identifier: Apache-2.0
// What a tracker knows of itself at one moment. The control loop collects it once a second; the
// metrics of Prometheus, the page for people and its JSON are different ways to write it down.
//
// Counts are totals since the start, so that whoever looks twice can tell what happened between.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "metrics/latency_histogram.h"

namespace aquatic::server {

enum class Protocol : std::uint8_t { udp, http, ws, count };
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Protocol::count)>
    kProtocolNames = {"udp", "http", "ws"};

// What a request asks for and a response is to. `offer` and `offer_answer` are WebTorrent messages
// that are passed on; `any` stands where it was not looked at.
enum class Action : std::uint8_t {
  any,
  connect,
  announce,
  scrape,
  offer,
  offer_answer,
  error,
  count
};
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Action::count)>
    kActionNames = {"any", "connect", "announce", "scrape", "offer", "offer_answer", "error"};

// By Action. What a protocol does not have, or does not count, is 0.
using ActionCounts = std::array<std::uint64_t, static_cast<std::size_t>(Action::count)>;

inline std::uint64_t& at(ActionCounts& counts, Action action) noexcept {
  return counts[static_cast<std::size_t>(action)];
}
inline std::uint64_t at(const ActionCounts& counts, Action action) noexcept {
  return counts[static_cast<std::size_t>(action)];
}
inline ActionCounts operator+(ActionCounts left, const ActionCounts& right) noexcept {
  for (std::size_t i = 0; i < left.size(); ++i) left[i] += right[i];
  return left;
}

// Of one worker, for peers of one IP version.
struct TrafficFigures {
  Protocol protocol = Protocol::udp;
  Family family = Family::ipv4;
  std::uint32_t worker = 0;  // From 0, for each protocol apart.
  ActionCounts requests{};   // UDP: all of them as `any`.
  ActionCounts responses{};
  std::uint64_t received_bytes = 0;  // UDP only, of payloads: see StreamFigures.
  std::uint64_t sent_bytes = 0;
};

// From when the worker turned to a request until its response was handed over: to the system with
// UDP, to the stream with the others. Without any response, it is not there.
struct LatencyFigures {
  Protocol protocol = Protocol::udp;
  Action action = Action::announce;
  metrics::LatencyCounts latency;
};

// The connections of one worker, for HTTP and WebTorrent together.
struct StreamFigures {
  std::uint32_t worker = 0;
  std::uint64_t open = 0;  // Now.
  std::uint64_t accepted = 0;
  std::uint64_t received_bytes = 0;  // Of plain text.
  std::uint64_t sent_bytes = 0;
  std::uint64_t handshakes = 0;
  std::uint64_t resumed_handshakes = 0;
};

// WebTorrent connections of peers of one IP version that are open at one worker.
struct WebTorrentFigures {
  Family family = Family::ipv4;
  std::uint32_t worker = 0;
  std::uint64_t open = 0;
};

// UDP and HTTP share their torrents; those of WebTorrent are apart.
enum class SwarmKind : std::uint8_t { bittorrent, webtorrent };

// How many peers torrents have; of torrents that have any. All 0 where it is not counted.
struct PeersPerTorrent {
  static constexpr std::array<double, 14> kShares = {0,   .10, .20, .30, .40, .50,  .60,
                                                     .70, .80, .90, .95, .99, .999, 1};
  static constexpr std::array<std::string_view, 14> kNames = {"min", "p10", "p20",  "p30", "p40",
                                                              "p50", "p60", "p70",  "p80", "p90",
                                                              "p95", "p99", "p999", "max"};
  std::array<std::uint64_t, 14> peers{};
};

struct SwarmFigures {
  SwarmKind kind = SwarmKind::bittorrent;
  Family family = Family::ipv4;
  std::uint64_t torrents = 0;
  std::uint64_t peers = 0;
  // Of the peers, and of the torrents; nothing where they are not counted.
  std::optional<std::uint64_t> seeders = {};
  std::optional<std::uint64_t> downloads = {};
  bool has_histogram = false;
  PeersPerTorrent peers_per_torrent = {};
};

// Something that was turned away, given up or lost, and how often. `name` is of lower-case words
// with underscores, such as "udp_malformed_datagrams"; `help` is a sentence for people.
struct TroubleFigures {
  std::string_view name;
  std::string_view help;
  std::uint64_t count = 0;
};

// Bytes that a part of the tracker has in use now.
struct MemoryFigures {
  std::string_view part;
  std::uint64_t bytes = 0;
};

// A program that peers use, and how many of those who were looked at do.
struct ClientFigures {
  std::string name;  // "qBittorrent 4.6.2"
  std::uint64_t peers = 0;
};

// The first eight bytes of a peer id.
struct PeerIdPrefixFigures {
  std::string hex;
  std::uint64_t peers = 0;
};

// What the system knows of this process.
struct ProcessFigures {
  double cpu_s = 0;  // Of all threads, in user and system mode.
  double start_unix_time_s = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
};

struct Figures {
  // Adds to a count of that name, or begins it.
  void add_trouble(std::string_view name, std::string_view help, std::uint64_t count) {
    const auto same = std::ranges::find(troubles, name, &TroubleFigures::name);
    if (same != troubles.end()) {
      same->count += count;
    } else {
      troubles.push_back({name, help, count});
    }
  }

  std::string version;
  std::uint64_t unix_time_s = 0;
  std::uint64_t uptime_s = 0;
  std::uint64_t access_list_entries = 0;
  std::vector<TrafficFigures> traffic;
  std::vector<LatencyFigures> latencies;
  std::vector<StreamFigures> streams;
  std::vector<WebTorrentFigures> web_torrent;
  std::vector<SwarmFigures> swarms;
  std::vector<TroubleFigures> troubles;
  std::vector<MemoryFigures> memory;
  std::vector<ClientFigures> clients;  // Most frequent first; empty where not counted.
  std::vector<PeerIdPrefixFigures> peer_id_prefixes;  // The same.
  std::optional<ProcessFigures> process;              // Nothing where the system does not tell.
};

}  // namespace aquatic::server
