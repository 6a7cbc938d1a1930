// SPDX-License-Identifier: Apache-2.0
#include "base/snapshot.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace aquatic {
namespace {

TEST(Snapshot, BeginsWithNothingOrTheFirstValue) {
  const Snapshot<int> nothing;
  EXPECT_EQ(nothing.current(), nullptr);
  const Snapshot<int> snapshot(std::make_shared<int>(7));
  EXPECT_EQ(*snapshot.current(), 7);
}

TEST(Snapshot, ReplacingChangesTheValueAndItsVersion) {
  Snapshot<int> snapshot(std::make_shared<int>(1));
  const auto version = snapshot.version();
  snapshot.replace(std::make_shared<int>(2));
  EXPECT_EQ(*snapshot.current(), 2);
  EXPECT_NE(snapshot.version(), version);
  snapshot.replace(nullptr);
  EXPECT_EQ(snapshot.current(), nullptr);
}

TEST(SnapshotReader, SeesWhatIsInForce) {
  Snapshot<int> snapshot;
  SnapshotReader<int> reader(snapshot);
  EXPECT_EQ(reader.current(), nullptr);
  snapshot.replace(std::make_shared<int>(1));
  EXPECT_EQ(*reader.current(), 1);
  EXPECT_EQ(reader.current().get(), snapshot.current().get());
  snapshot.replace(std::make_shared<int>(2));
  snapshot.replace(std::make_shared<int>(3));
  EXPECT_EQ(*reader.current(), 3);
}

TEST(SnapshotReader, HandsOutEachValueAsFreshOnce) {
  Snapshot<int> snapshot(std::make_shared<int>(1));
  SnapshotReader<int> reader(snapshot);
  EXPECT_EQ(reader.take_fresh(), snapshot.current().get());
  EXPECT_EQ(reader.take_fresh(), nullptr);
  snapshot.replace(std::make_shared<int>(2));
  EXPECT_EQ(*reader.current(), 2) << "a look takes nothing";
  EXPECT_EQ(reader.take_fresh(), snapshot.current().get());
  EXPECT_EQ(reader.take_fresh(), nullptr);
}

TEST(SnapshotReader, KeepsTheOldValueUntilItsNextLook) {
  auto first = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = first;
  Snapshot<int> snapshot(std::move(first));
  SnapshotReader<int> reader(snapshot);
  const int& value = *reader.current();
  snapshot.replace(std::make_shared<int>(2));
  EXPECT_EQ(value, 1);
  EXPECT_FALSE(watch.expired());
  EXPECT_EQ(*reader.current(), 2);
  EXPECT_TRUE(watch.expired());
}

// No reader sees a value go back, or one that was destroyed, and all see the last one.
TEST(SnapshotReader, ThreadsSeeValuesInTheirOrder) {
  constexpr int kLast = 2000;
  constexpr int kReaders = 3;
  Snapshot<int> snapshot(std::make_shared<int>(0));
  std::atomic<int> out_of_order = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] {
      SnapshotReader<int> reader(snapshot);
      for (int seen = 0; seen < kLast;) {
        const int now = *reader.current();
        if (now < seen) ++out_of_order;
        seen = now;
      }
    });
  }
  for (int value = 1; value <= kLast; ++value) snapshot.replace(std::make_shared<int>(value));
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(out_of_order, 0);
}

}  // namespace
}  // namespace aquatic
