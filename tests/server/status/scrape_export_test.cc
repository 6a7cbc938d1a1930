// SPDX-License-Identifier: Apache-2.0
#include "server/status/scrape_export.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/file.h"
#include "process/workers.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::server {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr std::size_t kMaxFileBytes = 64 << 20;

InfoHash torrent(std::uint32_t number) {
  InfoHash info_hash;
  store_big_endian(info_hash.bytes.data(), number);
  return info_hash;
}

std::string line(int family, std::uint32_t number, int seeders, int leechers) {
  return fmt::format("{} {:08x}{:032} {} {}", family, number, 0, seeders, leechers);
}

class ScrapeExportTest : public testing::Test {
 protected:
  void announce(std::uint32_t number, std::string_view ip, swarm::Status status,
                std::uint16_t port = 1) {
    const IpAddress address = *IpAddress::parse(ip);
    swarm_.announce(swarm_.locate(address.family(), torrent(number)),
                    {.peer = {address, port}, .status = status}, 0, {}, random_);
  }
  ScrapeExport& exporter() {
    if (!exporter_) exporter_.emplace(options_, swarm_, access_list_);
    return *exporter_;
  }
  std::vector<std::string> lines() const {
    std::istringstream text(read_file(options_.path, kMaxFileBytes));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  test::ScratchFolder folder_;
  ScrapeExportOptions options_ = {
      .path = folder_.path("export.txt"), .frequency = 3, .cleaning_interval_s = 10};
  swarm::Swarm swarm_{swarm::Options{.shard_count = 16, .hash_seed = 3}};
  access_list::Holder access_list_;
  Random random_{1};
  std::optional<ScrapeExport> exporter_;
};

TEST_F(ScrapeExportTest, HasALineForEachTorrentThatHasPeers) {
  announce(1, "192.0.2.1", swarm::Status::seeder);
  announce(1, "192.0.2.2", swarm::Status::leecher);
  announce(1, "192.0.2.3", swarm::Status::leecher);
  announce(1, "2001:db8::1", swarm::Status::seeder);
  announce(2, "192.0.2.1", swarm::Status::leecher);
  announce(3, "192.0.2.1", swarm::Status::leecher);
  announce(3, "192.0.2.1", swarm::Status::stopped);
  EXPECT_EQ(exporter().write({}), 3u);
  const auto all = lines();
  EXPECT_THAT(all, UnorderedElementsAre(line(4, 1, 1, 2), line(4, 2, 0, 1), line(6, 1, 1, 0)));
  EXPECT_EQ(all.back(), line(6, 1, 1, 0));
}

TEST_F(ScrapeExportTest, IsEmptyWithoutTorrents) {
  EXPECT_EQ(exporter().write({}), 0u);
  EXPECT_TRUE(lines().empty());
}

TEST_F(ScrapeExportTest, LeavesOutWhatTheAccessListRefuses) {
  announce(1, "192.0.2.1", swarm::Status::seeder);
  announce(2, "192.0.2.1", swarm::Status::seeder);
  exporter().write({});
  EXPECT_EQ(lines().size(), 2u);
  const InfoHash denied = torrent(1);
  access_list_.replace(access_list::AccessList(access_list::Mode::deny, std::span(&denied, 1)));
  exporter().write({});
  EXPECT_THAT(lines(), testing::ElementsAre(line(4, 2, 1, 0)));
}

TEST_F(ScrapeExportTest, WritesManyTorrentsEachOnce) {
  constexpr std::uint32_t kTorrents = 20'000;
  for (std::uint32_t i = 0; i < kTorrents; ++i) announce(i, "192.0.2.1", swarm::Status::seeder);
  EXPECT_EQ(exporter().write({}), kTorrents);
  auto all = lines();
  ASSERT_EQ(all.size(), kTorrents);
  std::ranges::sort(all);
  for (std::uint32_t i = 0; i < kTorrents; ++i) ASSERT_EQ(all[i], line(4, i, 1, 0));
}

TEST_F(ScrapeExportTest, AnExportThatIsStoppedLeavesTheOldFile) {
  announce(1, "192.0.2.1", swarm::Status::seeder);
  folder_.write("export.txt", "old\n");
  std::stop_source source;
  source.request_stop();
  exporter().write(source.get_token());
  EXPECT_THAT(lines(), testing::ElementsAre("old"));
  EXPECT_FALSE(std::filesystem::exists(options_.path + ".tmp"));
}

TEST_F(ScrapeExportTest, NamesTheFileThatCannotBeWritten) {
  options_.path = "/nonexistent/export.txt";
  try {
    exporter().write({});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot write /nonexistent/export.txt"));
  }
}

// Waits until the thread has written, without a clock.
void await_file(const std::string& path) {
  while (!std::filesystem::exists(path)) std::this_thread::yield();
}

TEST_F(ScrapeExportTest, TheThreadExportsAfterTheFirstCleaningAndEveryThirdFromThen) {
  announce(1, "192.0.2.1", swarm::Status::seeder);
  ScrapeExport& exporting = exporter();
  process::Workers threads;
  threads.start("export", [&exporting](const std::stop_token& stop) { exporting.run(stop); });
  for (Seconds now = 1; now <= 75; ++now) {
    const bool is_due = now == 10 || now == 40 || now == 70;
    ASSERT_EQ(exporter().tick(now), is_due) << now;
    if (!is_due) continue;
    await_file(options_.path);
    EXPECT_THAT(lines(), testing::ElementsAre(line(4, 1, 1, 0)));
    std::filesystem::remove(options_.path);
  }
  threads.stop();
  EXPECT_TRUE(exporter().tick(1000)) << "late, and once for all";
  EXPECT_FALSE(exporter().tick(1001));
}

TEST_F(ScrapeExportTest, FailuresDoNotEndTheThread) {
  const std::string path = folder_.path("missing/export.txt");
  options_.path = path;
  options_.frequency = 0;
  ScrapeExport& exporting = exporter();
  process::Workers threads;
  threads.start("export", [&exporting](const std::stop_token& stop) { exporting.run(stop); });
  testing::internal::CaptureStderr();
  exporter().tick(10);
  std::filesystem::create_directory(folder_.path("missing"));
  // The first may have failed, the second cannot.
  exporter().tick(20);
  await_file(path);
  threads.stop();
  testing::internal::GetCapturedStderr();
}

TEST_F(ScrapeExportTest, RunsBesideTraffic) {
  constexpr std::uint32_t kTorrents = 2000;
  for (std::uint32_t i = 0; i < kTorrents; ++i) announce(i, "192.0.2.1", swarm::Status::seeder);
  std::jthread worker([this](const std::stop_token& stop) {
    Random random(5);
    while (!stop.stop_requested()) {
      const auto key = swarm_.locate(Family::ipv4, torrent(random.below(kTorrents)));
      const Endpoint peer = {*IpAddress::parse("192.0.2.9"),
                             static_cast<std::uint16_t>(1 + random.below(10))};
      swarm_.announce(key, {.peer = peer}, 1, {}, random);
    }
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(exporter().write({}), kTorrents);
}

}  // namespace
}  // namespace aquatic::server
