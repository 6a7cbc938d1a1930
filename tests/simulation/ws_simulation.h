// SPDX-License-Identifier: Apache-2.0
// A whole WebTorrent tracker (the real handlers of several workers with their mailboxes, over the
// real swarm) among thousands of simulated programs: some come and go, hang, do not read, lie or
// talk nonsense. Minutes pass in a moment; one seed, one history.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace aquatic::simulation {

struct WsScenario {
  std::uint64_t seed = 1;
  std::size_t worker_count = 3;
  std::size_t program_count = 400;  // Every third on IPv6.
  std::size_t torrent_count = 30;   // The first are the largest.
  Seconds duration_s = 120;
  // Of a hundred programs; the rest only announces and answers.
  unsigned restless = 0;  // Stop, leave, come back, with the old connection still open or not.
  unsigned hanging = 0;   // Suddenly neither say anything nor answer pings.
  unsigned slow = 0;      // For a while, or for ever, take nothing of what is sent.
  unsigned lying = 0;     // Forge answers and stops, answer twice, use peer ids of others.
  unsigned babbling = 0;  // Broken JSON, broken frames, floods of bad messages.
  unsigned sleepy = 0;    // Announce too seldom to be kept.
  bool joins_families = false;
  bool denies_a_torrent = false;
  // All leave, and others come, with the same tracker.
  std::size_t generations = 1;
};

struct WsOutcome {
  std::vector<std::string> violations;
  std::uint64_t said = 0;  // Messages to the tracker.
  std::uint64_t responses = 0;
  std::uint64_t failures = 0;  // Of the responses.
  std::uint64_t offers = 0;    // That have arrived,
  std::uint64_t answers = 0;
  std::uint64_t offers_due = 0;  // and that should have, if nobody had left.
  std::uint64_t answers_due = 0;
  std::uint64_t connections = 0;
  std::uint64_t most_connections = 0;  // At one time.
  std::uint64_t dead = 0;              // Closed for what they did:
  std::uint64_t too_slow = 0;
  std::uint64_t broken_frames = 0;
  std::uint64_t too_bad = 0;
  std::uint64_t remaining_peers = 0;  // When all have left.
  std::uint64_t remaining_torrents = 0;
  std::vector<std::size_t> live_bytes;  // Of the tracker, after each generation.
  std::uint64_t history = 0;            // A hash of every byte that arrived from the tracker.

  std::uint64_t messages() const { return said + responses + offers + answers; }
};

WsOutcome simulate(const WsScenario& scenario);

}  // namespace aquatic::simulation
