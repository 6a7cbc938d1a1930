// SPDX-License-Identifier: Apache-2.0
// A file with the counts of every torrent that has peers, written now and then: a line
// `4 INFO_HASH SEEDERS LEECHERS` for each, those of IPv6 with a 6 and after those of IPv4, in no
// order. Torrents that the access list refuses are not in it; one that moves in memory meanwhile
// may be missing or there twice.
//
// A thread of its own writes, since with millions of torrents that takes seconds, and the disk may
// be slow. It takes some torrents out of the swarm at a time and has no lock while it writes.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>

#include "access_list/access_list.h"
#include "base/clock.h"
#include "base/file_replacement.h"
#include "swarm/swarm.h"

namespace aquatic::server {

struct ScrapeExportOptions {
  std::string path = {};
  // After the first cleaning, and after every so many more; 0 counts as 1.
  std::uint64_t frequency = 10;
  Seconds cleaning_interval_s = 120;
};

class ScrapeExport {
 public:
  // Borrows the swarm and the list.
  ScrapeExport(ScrapeExportOptions options, const swarm::Swarm& swarm,
               const access_list::Holder& access_list);

  // Wakes the thread when an export is due, and says whether one is. By the control loop, once a
  // second.
  bool tick(Seconds now);

  // What the thread does: exports when it is woken, until it is to stop. What fails is logged. One
  // that takes longer than until the next is due makes that one late.
  void run(const std::stop_token& stop);

  // Writes the file, or returns without it as soon as it is to stop. Returns how many torrents
  // there are. Throws std::runtime_error with a sentence that names the file.
  std::uint64_t write(const std::stop_token& stop);

 private:
  std::uint64_t append(Family family, FileReplacement& file, const std::stop_token& stop);
  void write_or_log(const std::stop_token& stop);

  const ScrapeExportOptions options_;
  const swarm::Swarm& swarm_;
  access_list::Reader access_list_;
  std::uint64_t cleanings_ = 0;  // As of the last tick.

  std::mutex mutex_;  // Guards is_due_.
  std::condition_variable_any woken_;
  bool is_due_ = false;
};

}  // namespace aquatic::server
