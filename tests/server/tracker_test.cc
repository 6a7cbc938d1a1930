// SPDX-License-Identifier: Apache-2.0
#include "server/tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch_folder.h"

namespace aquatic::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

class TrackerTest : public testing::Test {
 protected:
  TrackerOptions with_list(std::string_view text) {
    write(text);
    return {.access_list_mode = access_list::Mode::deny, .access_list_path = path_, .swarm = {}};
  }
  void write(std::string_view text) { folder_.write("list.txt", text); }

  const test::ScratchFolder folder_;
  const std::string path_ = folder_.path("list.txt");
};

const std::string kHashes[] = {std::string(40, '1') + "\n", std::string(40, '2') + "\n"};

TEST_F(TrackerTest, ReadsTheAccessListAndReplacesIt) {
  Tracker tracker(with_list(kHashes[0]));
  EXPECT_EQ(tracker.access_list().current()->size(), 1u);
  write(kHashes[0] + kHashes[1]);
  tracker.reload_access_list();
  EXPECT_EQ(tracker.access_list().current()->size(), 2u);
}

TEST_F(TrackerTest, KeepsTheListWhereTheFileIsBad) {
  Tracker tracker(with_list(kHashes[0]));
  write("nonsense\n");
  EXPECT_THAT([&] { tracker.reload_access_list(); },
              ThrowsMessage<std::runtime_error>(HasSubstr(path_ + ":1")));
  EXPECT_EQ(tracker.access_list().current()->size(), 1u);
}

TEST_F(TrackerTest, DoesNotBeginWithABadList) {
  const TrackerOptions options = with_list("nonsense\n");
  EXPECT_THROW(Tracker{options}, std::runtime_error);
  EXPECT_THROW(check_access_list(options), std::runtime_error);
  EXPECT_NO_THROW(check_access_list(with_list(kHashes[0])));
}

// Torrents that the new list refuses leave the swarm, X54.
TEST_F(TrackerTest, ExpiresWhatMayNotStay) {
  TrackerOptions options = with_list("");
  options.swarm = {.expire_interval_s = 1, .shard_count = 2};
  Tracker tracker(options);
  Random random(1);
  const InfoHash info_hash = *InfoHash::parse_hex(std::string(40, '1'));
  tracker.swarm().announce(tracker.swarm().locate(Family::ipv4, info_hash),
                           {.peer = {IpAddress(), 1}}, 0, {}, random);
  write(kHashes[0]);
  tracker.reload_access_list();
  // The clock is the machine's: a tick does nothing until it has moved on.
  const Seconds start = tracker.clock().now();
  while (tracker.clock().now() == start) {
  }
  tracker.tick();
  EXPECT_EQ(tracker.swarm().totals(Family::ipv4).torrents, 0u);
}

TEST(WorkerCount, IsOneForEachCpuUnlessTold) {
  EXPECT_GE(worker_count(0), 1u);
  EXPECT_EQ(worker_count(7), 7u);
}

TEST(FamiliesToOpen, AreThoseAskedFor) {
  EXPECT_THAT(families_to_open(true, false), ElementsAre(Family::ipv4));
  EXPECT_THAT(families_to_open(false, true), ElementsAre(Family::ipv6))
      << "also where there is none";
}

}  // namespace
}  // namespace aquatic::server
