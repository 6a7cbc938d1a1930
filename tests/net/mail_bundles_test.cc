// SPDX-License-Identifier: Apache-2.0
#include "net/mail_bundles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace aquatic::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Bundle = std::tuple<StreamKey, std::string, std::size_t>;

std::vector<Bundle> bundles_of(const Mail& mail, MailBundles& bundles) {
  std::vector<Bundle> all;
  bundles.visit(mail, [&](StreamKey stream, Bytes messages, std::size_t count) {
    all.emplace_back(stream, as_text(messages), count);
  });
  return all;
}

TEST(MailBundles, MessagesOfAStreamComeTogetherAndInOrder) {
  Mail mail;
  MailBundles bundles;
  EXPECT_THAT(bundles_of(mail, bundles), IsEmpty());
  mail.add(2, as_bytes("a"));
  mail.add(1, as_bytes("b"));
  mail.add(2, as_bytes("c"));
  mail.add(3, as_bytes("d"));
  mail.add(2, as_bytes("e"));
  EXPECT_THAT(bundles_of(mail, bundles),
              ElementsAre(Bundle(1, "b", 1), Bundle(2, "ace", 3), Bundle(3, "d", 1)));
  EXPECT_THAT(bundles_of(mail, bundles), testing::SizeIs(3)) << "nothing is left of before";
}

TEST(MailBundles, AreNoLongerThanTheyMay) {
  const std::string half(MailBundles::kMaxBytes / 2, 'x');
  const std::string longer(MailBundles::kMaxBytes + 1, 'y');
  Mail mail;
  MailBundles bundles;
  for (int i = 0; i < 3; ++i) mail.add(1, as_bytes(half));
  mail.add(1, as_bytes(longer));
  mail.add(1, as_bytes("z"));
  EXPECT_THAT(bundles_of(mail, bundles), ElementsAre(Bundle(1, half + half, 2), Bundle(1, half, 1),
                                                     Bundle(1, longer, 1), Bundle(1, "z", 1)));
}

}  // namespace
}  // namespace aquatic::net
