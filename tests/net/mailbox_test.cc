// SPDX-License-Identifier: Apache-2.0
#include "net/mailbox.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <thread>
#include <vector>

namespace aquatic::net {
namespace {

bool is_readable(const Mailbox& mailbox) {
  pollfd poll_fd{.fd = mailbox.fd(), .events = POLLIN, .revents = 0};
  return poll(&poll_fd, 1, 0) == 1;
}

Mail mail_with(std::size_t bytes) {
  Mail mail;
  mail.add(1, Bytes(std::vector<std::byte>(bytes)));
  return mail;
}

TEST(MailboxTest, IsReadableWhileThereIsSomethingToTake) {
  Mailbox mailbox(1'000);
  EXPECT_FALSE(is_readable(mailbox));
  EXPECT_TRUE(mailbox.post(mail_with(10)));
  EXPECT_TRUE(mailbox.post(mail_with(10)));
  EXPECT_TRUE(is_readable(mailbox));
  Mail mail = mail_with(5);
  mailbox.take(mail);
  EXPECT_EQ(mail.count(), 2u) << "what was in there before is gone";
  EXPECT_FALSE(is_readable(mailbox));
  mailbox.take(mail);
  EXPECT_TRUE(mail.is_empty());
}

TEST(MailboxTest, IsBounded) {
  Mailbox mailbox(1'000);
  EXPECT_TRUE(mailbox.post(mail_with(900)));
  EXPECT_FALSE(mailbox.post(mail_with(900)));
  Mail mail;
  mailbox.take(mail);
  EXPECT_EQ(mail.count(), 1u);
  EXPECT_TRUE(mailbox.post(mail_with(900)));
  EXPECT_FALSE(Mailbox(1'000).post(mail_with(1'000))) << "addresses take room, too";
}

TEST(MailboxTest, TakesFromManyThreads) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kMessages = 1'000;
  Mailbox mailbox(10'000'000);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&mailbox] {
      const Mail mail = mail_with(8);
      for (std::size_t j = 0; j < kMessages; ++j) EXPECT_TRUE(mailbox.post(mail));
    });
  }
  std::size_t count = 0;
  Mail mail;
  while (count < kThreads * kMessages) {
    pollfd poll_fd{.fd = mailbox.fd(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&poll_fd, 1, 60'000), 1) << "nobody was woken for the rest";
    mailbox.take(mail);
    count += mail.count();
  }
  EXPECT_EQ(count, kThreads * kMessages);
}

}  // namespace
}  // namespace aquatic::net
