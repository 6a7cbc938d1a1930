// SPDX-License-Identifier: Apache-2.0
#include "swarm/torrent_table.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/swarm/sample.h"

namespace aquatic::swarm {
namespace {

class TorrentTableTest : public testing::Test {
 protected:
  Torrent<PeerV4>& add(std::uint32_t number) {
    const InfoHash info_hash = sample_info_hash(number);
    return table_.find_or_add(info_hash, hasher_.table(info_hash));
  }
  Torrent<PeerV4>* find(std::uint32_t number) {
    const InfoHash info_hash = sample_info_hash(number);
    return table_.find(info_hash, hasher_.table(info_hash));
  }

  InfoHashHasher hasher_{3};
  TorrentTable<PeerV4> table_;
};

TEST_F(TorrentTableTest, FindsWhatWasAddedAndNothingElse) {
  for (std::uint32_t i = 0; i < 10'000; ++i) add(i).downloads = i;
  EXPECT_EQ(table_.size(), 10'000u);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    ASSERT_NE(find(i), nullptr);
    EXPECT_EQ(find(i)->downloads, i);
    EXPECT_EQ(&add(i), find(i));
    EXPECT_EQ(find(i + 10'000), nullptr);
  }
  EXPECT_EQ(table_.size(), 10'000u);
}

TEST_F(TorrentTableTest, TorrentsDoNotMoveWhenOthersAreAdded) {
  const auto* first = &add(0);
  for (std::uint32_t i = 1; i < 10'000; ++i) add(i);
  EXPECT_EQ(find(0), first);
}

TEST_F(TorrentTableTest, RemovingFromLastToFirstMeetsEachTorrentOnce) {
  for (std::uint32_t i = 0; i < 5000; ++i) add(i).downloads = i;
  std::set<std::uint32_t> met;
  for (std::uint32_t number = table_.size(); number-- > 0;) {
    const std::uint32_t downloads = table_[number].downloads;
    EXPECT_TRUE(met.insert(downloads).second);
    if (downloads % 3 != 0) table_.remove(number, hasher_);
  }
  EXPECT_EQ(met.size(), 5000u);
  for (std::uint32_t i = 0; i < 5000; ++i) EXPECT_EQ(find(i) != nullptr, i % 3 == 0);
}

TEST_F(TorrentTableTest, RemovingReturnsThePeersAndLeavesNoTrace) {
  for (std::uint32_t i = 0; i < 300; ++i) {
    add(i).downloads = 9;
    for (std::uint32_t p = 0; p < i; ++p) add(i).peers.insert(sample_peer<PeerV4>(p), true, 1);
  }
  for (std::uint32_t i = 300; i-- > 0;) EXPECT_EQ(table_.remove(i, hasher_).size(), i);
  for (std::uint32_t i = 0; i < 300; ++i) {
    EXPECT_EQ(find(i), nullptr);
    EXPECT_EQ(add(i).downloads, 0u);
    EXPECT_EQ(add(i).peers.size(), 0u);
  }
}

}  // namespace
}  // namespace aquatic::swarm
