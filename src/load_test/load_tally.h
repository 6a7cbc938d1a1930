// SPDX-License-Identifier: Apache-2.0
// What one worker of a load test counts. Each protocol has use for a part of it.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "load_test/fault.h"
#include "metrics/counters.h"
#include "metrics/latency_histogram.h"

namespace aquatic::load_test {

enum class LoadCount : std::uint8_t {
  connect_requests,
  announce_requests,
  scrape_requests,
  connect_responses,
  announce_responses,
  scrape_responses,
  error_responses,
  peers,          // In announce responses.
  lost,           // Requests without a response in time.
  unsent,         // Requests of an open loop that were overdue before they could be sent.
  late,           // Responses after their request counted as lost.
  duplicates,     // Further responses to an answered request.
  refused,        // "Port unreachable" from the tracker's machine.
  send_failures,  // Requests that the kernel would not take, and so were not sent.
  receive_failures,
  connections,          // Of streams: that were opened,
  full_handshakes,      // with all of TLS,
  resumed_handshakes,   // with less of it.
  connection_failures,  // Connections that were not even opened.
  broken_connections,   // Those that ended with requests unanswered.
  // What WebTorrent peers send to each other:
  offers,           // Sent to the tracker;
  due_offers,       // those for which there were peers, as its counts say;
  relayed_offers,   // received from it.
  answers,          // Sent;
  relayed_answers,  // received.
  pings,            // Of the tracker, and answered.
  sent_bytes,       // Of requests in streams, without TLS.
  received_bytes,   // Of responses.
  count,
};

// The name that reports use.
std::string_view name_of(LoadCount count) noexcept;

// Error texts of the tracker, however many it sends: those beyond a limit are one more text.
class ErrorTexts {
 public:
  static constexpr std::size_t kMaxTexts = 16;  // Trackers have a handful.
  static constexpr std::string_view kOther = "(other texts)";

  void add(std::string_view raw);
  void add_to(std::map<std::string, std::uint64_t>& counts) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

// Written by its worker; any thread may take a sample.
struct LoadTally {
  metrics::Counters<LoadCount> counts;
  metrics::Counters<Fault> faults;
  metrics::LatencyRecorder latency;
  // From the moment that one of our peers sent an offer or an answer to that when another got it.
  metrics::LatencyRecorder offer_latency;
  metrics::LatencyRecorder answer_latency;
  ErrorTexts error_texts;
};

// The sum of all workers at one moment, or between two.
struct LoadCounts {
  std::array<std::uint64_t, static_cast<std::size_t>(LoadCount::count)> counts{};
  std::array<std::uint64_t, static_cast<std::size_t>(Fault::count)> faults{};
  metrics::LatencyCounts latency;
  metrics::LatencyCounts offer_latency;
  metrics::LatencyCounts answer_latency;
  std::map<std::string, std::uint64_t> error_texts;

  std::uint64_t operator[](LoadCount count) const noexcept {
    return counts[static_cast<std::size_t>(count)];
  }
  std::uint64_t operator[](Fault fault) const noexcept {
    return faults[static_cast<std::size_t>(fault)];
  }
  // Answers to offers are none: they have their own count and no response.
  std::uint64_t requests() const noexcept;
  // With what the tracker relayed: everything that it sent.
  std::uint64_t responses() const noexcept;
  std::uint64_t wrong_responses() const noexcept;

  void add(const LoadTally& tally);
  // Requires: `earlier` was taken before this of the same tallies.
  LoadCounts& operator-=(const LoadCounts& earlier);
};

}  // namespace aquatic::load_test
