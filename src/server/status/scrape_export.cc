// SPDX-License-Identifier: Apache-2.0
#include "server/status/scrape_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <stdexcept>
#include <utility>

#include "base/log.h"

namespace aquatic::server {
namespace {

// Torrents for which a shard of the swarm is locked in one go: a few microseconds.
constexpr std::size_t kTorrentsPerLook = 256;

// Appended at once.
constexpr std::size_t kPieceBytes = 256 * 1024;

// Then the disk has to catch up, so that the last sync is no longer than the others and the thread
// stops when it is told to.
constexpr std::size_t kBytesPerSync = 16 * 1024 * 1024;

}  // namespace

ScrapeExport::ScrapeExport(ScrapeExportOptions options, const swarm::Swarm& swarm,
                           const access_list::Holder& access_list)
    : options_(std::move(options)), swarm_(swarm), access_list_(access_list) {}

bool ScrapeExport::tick(Seconds now) {
  const std::uint64_t frequency = std::max<std::uint64_t>(options_.frequency, 1);
  const auto exports_after = [frequency](std::uint64_t cleanings) {
    return cleanings / frequency + (cleanings % frequency != 0);
  };
  const std::uint64_t before = std::exchange(cleanings_, now / options_.cleaning_interval_s);
  if (exports_after(cleanings_) == exports_after(before)) return false;
  {
    const std::lock_guard lock(mutex_);
    is_due_ = true;
  }
  woken_.notify_one();
  return true;
}

void ScrapeExport::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (woken_.wait(lock, stop, [this] { return is_due_; }) && !stop.stop_requested()) {
    is_due_ = false;
    lock.unlock();
    write_or_log(stop);
    lock.lock();
  }
}

void ScrapeExport::write_or_log(const std::stop_token& stop) {
  try {
    const std::uint64_t count = write(stop);
    if (!stop.stop_requested()) {
      log::info("scrape export: {} torrents in {}", count, options_.path);
    }
  } catch (const std::exception& error) {
    log::error("scrape export: {}", error.what());
  }
}

std::uint64_t ScrapeExport::write(const std::stop_token& stop) {
  FileReplacement file(options_.path);
  const std::uint64_t count = append(Family::ipv4, file, stop) + append(Family::ipv6, file, stop);
  if (stop.stop_requested()) return count;
  file.sync();
  file.commit();
  return count;
}

std::uint64_t ScrapeExport::append(Family family, FileReplacement& file,
                                   const std::stop_token& stop) {
  const char digit = family == Family::ipv4 ? '4' : '6';
  std::array<swarm::TorrentCounts, kTorrentsPerLook> torrents;
  swarm::ScrapeCursor cursor;
  fmt::memory_buffer piece;
  std::uint64_t total = 0;
  std::size_t unsynced_bytes = 0;
  const auto write_piece = [&] {
    file.append({piece.data(), piece.size()});
    unsynced_bytes += piece.size();
    piece.clear();
    if (unsynced_bytes < kBytesPerSync) return;
    file.sync();
    unsynced_bytes = 0;
  };
  while (const std::size_t count = swarm_.scrape_some(family, cursor, torrents)) {
    if (stop.stop_requested()) return total;
    const access_list::AccessList& access_list = access_list_.current();
    for (const auto& [info_hash, counts] : std::span(torrents).first(count)) {
      const bool is_empty = counts.seeders + counts.leechers == 0;
      if (is_empty || !access_list.allows(info_hash)) continue;
      fmt::format_to(std::back_inserter(piece), "{} {} {} {}\n", digit, info_hash.to_hex(),
                     counts.seeders, counts.leechers);
      ++total;
    }
    if (piece.size() >= kPieceBytes) write_piece();
  }
  write_piece();
  return total;
}

}  // namespace aquatic::server
