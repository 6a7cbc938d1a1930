// SPDX-License-Identifier: Apache-2.0
#include "net/mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace aquatic::net {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<std::pair<StreamKey, std::string>> messages_of(const Mail& mail) {
  std::vector<std::pair<StreamKey, std::string>> messages;
  mail.visit([&](StreamKey stream, Bytes message) {
    messages.emplace_back(stream, std::string(as_text(message)));
  });
  return messages;
}

TEST(MailTest, KeepsMessagesAndTheirOrder) {
  Mail mail;
  EXPECT_TRUE(mail.is_empty());
  mail.add(7, as_bytes("one"));
  mail.add(UINT64_MAX, {});
  mail.add(7, as_bytes("three"));
  EXPECT_EQ(mail.count(), 3u);
  EXPECT_THAT(messages_of(mail),
              ElementsAre(Pair(7, "one"), Pair(UINT64_MAX, ""), Pair(7, "three")));
}

TEST(MailTest, TakesOtherMailBehindItsOwn) {
  Mail mail;
  Mail more;
  mail.add(1, as_bytes("a"));
  more.add(2, as_bytes("b"));
  more.add(3, as_bytes("c"));
  mail.add(more);
  EXPECT_EQ(mail.count(), 3u);
  EXPECT_THAT(messages_of(mail), ElementsAre(Pair(1, "a"), Pair(2, "b"), Pair(3, "c")));
  EXPECT_THAT(messages_of(more), ElementsAre(Pair(2, "b"), Pair(3, "c")));
}

TEST(MailTest, ClearedItIsEmpty) {
  Mail mail;
  mail.add(1, as_bytes(std::string(1'000'000, 'x')));
  mail.clear();
  EXPECT_TRUE(mail.is_empty());
  EXPECT_EQ(mail.bytes(), 0u);
  EXPECT_THAT(messages_of(mail), ElementsAre());
}

}  // namespace
}  // namespace aquatic::net
