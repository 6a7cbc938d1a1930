// SPDX-License-Identifier: Apache-2.0
#include "server/status/client_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"

namespace aquatic::server {
namespace {

PeerId peer(std::uint64_t number) {
  PeerId id;
  store_big_endian(id.bytes.data(), number);
  return id;
}

class ClientSamplerTest : public testing::Test {
 protected:
  std::vector<PeerId> take() {
    std::vector<PeerId> taken;
    sampler_.take([&](const auto& sighting) { taken.push_back(sighting.peer_id); });
    return taken;
  }

  offers::PeerIdHasher hasher_{7};
  ClientSampler::Limit limit_ = UINT64_MAX;
  ClientSampler sampler_{hasher_, limit_};
};

TEST_F(ClientSamplerTest, WhatWasSeenIsTakenOnceInItsOrder) {
  sampler_.see(peer(1), 0);
  sampler_.see(peer(2), 0);
  EXPECT_EQ(take(), (std::vector{peer(1), peer(2)}));
  EXPECT_TRUE(take().empty());
  sampler_.see(peer(3), 0);
  EXPECT_EQ(take(), std::vector{peer(3)});
}

TEST_F(ClientSamplerTest, ThoseAboveTheLimitAreLeftOut) {
  limit_ = UINT64_MAX >> 3;
  constexpr std::uint64_t kPeers = 8000;
  for (std::uint64_t i = 0; i < kPeers; ++i) sampler_.see(peer(i), 0);
  const auto taken = take();
  EXPECT_NEAR(static_cast<double>(taken.size()), kPeers / 8.0, 100);
  for (const PeerId& id : taken) EXPECT_LE(hasher_(id), limit_);
}

TEST_F(ClientSamplerTest, APeerIsSeenOnceASecond) {
  for (int i = 0; i < 100; ++i) sampler_.see(peer(1), 5);
  EXPECT_EQ(take().size(), 1u);
  sampler_.see(peer(1), 5);
  EXPECT_TRUE(take().empty());
  sampler_.see(peer(1), 6);
  EXPECT_EQ(take().size(), 1u);
}

TEST_F(ClientSamplerTest, WhatDoesNotFitIsCountedAndTheRestStays) {
  for (std::uint64_t i = 0; i < ClientSampler::kRoom + 10; ++i) sampler_.see(peer(i), 0);
  EXPECT_EQ(sampler_.lost(), 10u);
  const auto taken = take();
  ASSERT_EQ(taken.size(), ClientSampler::kRoom);
  EXPECT_EQ(taken.back(), peer(ClientSampler::kRoom - 1));
  sampler_.see(peer(1'000'000), 0);
  EXPECT_EQ(take().size(), 1u);
}

TEST_F(ClientSamplerTest, NothingIsTornOrLostWithoutBeingCounted) {
  constexpr std::uint64_t kPeers = 200'000;
  std::jthread worker([this] {
    for (std::uint64_t i = 1; i <= kPeers; ++i) sampler_.see(peer(i), 0);
  });
  std::uint64_t last = 0;
  std::uint64_t count = 0;
  // The last one may be among the lost: then the worker says so.
  while (count + sampler_.lost() < kPeers) {
    sampler_.take([&](const ClientSampler::Sighting& sighting) {
      const auto number = load_big_endian<std::uint64_t>(sighting.peer_id.bytes.data());
      ASSERT_GT(number, last);
      ASSERT_EQ(sighting.hash, hasher_(peer(number)));
      last = number;
      ++count;
    });
  }
  EXPECT_EQ(count + sampler_.lost(), kPeers);
}

}  // namespace
}  // namespace aquatic::server
