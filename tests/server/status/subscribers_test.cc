// SPDX-License-Identifier: Apache-2.0
#include "server/status/subscribers.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace aquatic::server {
namespace {

std::vector<net::StreamKey> taken(net::Mailbox& mailbox) {
  net::Mail mail;
  mailbox.take(mail);
  std::vector<net::StreamKey> streams;
  mail.visit([&](net::StreamKey stream, Bytes message) {
    EXPECT_TRUE(message.empty());
    streams.push_back(stream);
  });
  return streams;
}

using Streams = std::vector<net::StreamKey>;

TEST(Subscribers, NudgesEachAtItsWorker) {
  net::Mailbox a(1000), b(1000);
  Subscribers subscribers;
  const auto first = subscribers.add(a, 1);
  subscribers.add(b, 1);
  subscribers.add(a, 2);
  subscribers.nudge();
  EXPECT_EQ(taken(a), (Streams{1, 2}));
  EXPECT_EQ(taken(b), (Streams{1}));
  subscribers.remove(*first);
  subscribers.nudge();
  EXPECT_EQ(taken(a), (Streams{2}));
  EXPECT_EQ(subscribers.size(), 2u);
}

TEST(Subscribers, TurnsAwayWhoIsTooManyUntilOneLeaves) {
  net::Mailbox mailbox(1000);
  Subscribers subscribers(2);
  const auto first = subscribers.add(mailbox, 1);
  EXPECT_TRUE(subscribers.add(mailbox, 2));
  EXPECT_FALSE(subscribers.add(mailbox, 3));
  EXPECT_EQ(subscribers.refused_count(), 1u);
  subscribers.remove(*first);
  EXPECT_TRUE(subscribers.add(mailbox, 4));
  subscribers.nudge();
  EXPECT_EQ(taken(mailbox), (Streams{4, 2}));
}

TEST(Subscribers, AFullMailboxLosesANudgeAndNoMore) {
  net::Mailbox mailbox(20);  // Room for one.
  Subscribers subscribers;
  subscribers.add(mailbox, 1);
  subscribers.nudge();
  subscribers.nudge();
  EXPECT_EQ(taken(mailbox), (Streams{1}));
  subscribers.nudge();
  EXPECT_EQ(taken(mailbox), (Streams{1}));
}

TEST(Subscribers, WorkersComeAndGoWhileTheControlLoopNudges) {
  net::Mailbox a(1 << 20), b(1 << 20);
  Subscribers subscribers;
  const auto work = [&subscribers](net::Mailbox& mailbox) {
    for (net::StreamKey i = 0; i < 2000; ++i) {
      const auto slot = subscribers.add(mailbox, i);
      if (slot) subscribers.remove(*slot);
    }
  };
  std::thread first(work, std::ref(a)), second(work, std::ref(b));
  for (int i = 0; i < 200; ++i) subscribers.nudge();
  first.join();
  second.join();
  EXPECT_EQ(subscribers.size(), 0u);
}

}  // namespace
}  // namespace aquatic::server
