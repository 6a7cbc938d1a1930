// SPDX-License-Identifier: Apache-2.0
#include "net/outbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace aquatic::net {
namespace {

constexpr std::size_t kMailboxBytes = 1'000'000;

class OutboxTest : public testing::Test {
 protected:
  OutboxTest() {
    for (int i = 0; i < 3; ++i) mailboxes_.push_back(std::make_unique<Mailbox>(kMailboxBytes));
  }
  std::size_t arrived_at(std::size_t worker) {
    Mail mail;
    mailboxes_[worker]->take(mail);
    return mail.count();
  }

  std::vector<std::unique_ptr<Mailbox>> mailboxes_;
};

TEST_F(OutboxTest, HoldsMessagesUntilTheRoundEnds) {
  Outbox outbox(mailboxes_, 1);
  outbox.post(0, 7, as_bytes("a"));
  outbox.post(0, 8, as_bytes("b"));
  outbox.post(2, 7, as_bytes("c"));
  EXPECT_EQ(arrived_at(0), 0u);
  outbox.flush();
  EXPECT_EQ(arrived_at(0), 2u);
  EXPECT_EQ(arrived_at(1), 0u);
  EXPECT_EQ(arrived_at(2), 1u);
  outbox.flush();
  EXPECT_EQ(arrived_at(0), 0u) << "once only";
}

TEST_F(OutboxTest, OwnStreamsNeedNoMailbox) {
  Outbox outbox(mailboxes_, 1);
  EXPECT_FALSE(outbox.has_own());
  outbox.post(1, 7, as_bytes("a"));
  EXPECT_TRUE(outbox.has_own());
  outbox.flush();
  EXPECT_EQ(arrived_at(1), 0u);
  Mail mail;
  outbox.take_own(mail);
  EXPECT_EQ(mail.count(), 1u);
  EXPECT_FALSE(outbox.has_own());
}

TEST_F(OutboxTest, CountsWhatAFullMailboxDoesNotTake) {
  Outbox outbox(mailboxes_, 1);
  const std::string large(100'000, 'x');
  for (int i = 0; i < 20; ++i) outbox.post(0, 7, as_bytes(large));
  outbox.flush();
  const std::size_t arrived = arrived_at(0);
  EXPECT_GT(arrived, 0u);
  EXPECT_GT(outbox.lost_count(), 0u);
  EXPECT_EQ(arrived + outbox.lost_count(), 20u);
}

// A round may make a great many messages.
TEST_F(OutboxTest, DoesNotHoldWhatAMailboxWouldNotTakeAtOnce) {
  Outbox outbox(mailboxes_, 1);
  const std::string large(100'000, 'x');
  for (int i = 0; i < 9; ++i) outbox.post(0, 7, as_bytes(large));
  EXPECT_GT(arrived_at(0), 0u);
  outbox.flush();
  EXPECT_EQ(outbox.lost_count(), 0u);
}

}  // namespace
}  // namespace aquatic::net
