// SPDX-License-Identifier: Apache-2.0
#include "config/print.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config/example.h"

namespace aquatic::config {
namespace {

using example::Config;
using testing::HasSubstr;
using testing::Not;

TEST(ToToml, PrintsEverySettingWithItsMeaning) {
  EXPECT_EQ(to_toml(Config{}, Comments::with), R"(# How many.
# Must be a whole number from 0 to 4294967295.
workers = 4
# How much.
# Must be a number from 0.0 to 1.0.
ratio = 0.5
# Declared after a section, yet outside all.
# Must be a whole number from 0 to 9223372036854775807.
limit = 7

# Where.
# And how.
[network]
# Whether.
use_ipv4 = true
# Where in IPv4.
address_ipv4 = "0.0.0.0:3000"
# Where in IPv6.
address_ipv6 = "[::]:3000"
# Where in either.
server_address = "127.0.0.1:80"
# Entries.
# Must be a whole number from 1 to 1024.
ring_size = 128
# Peers.
# Must be a whole number from -2147483648 to 2147483647.
peers_wanted = -1
# a | b
# Must be one of "red", "green", "blue".
colour = "red"

# What.
[files]
# A file.
path = "a \"b\" \\ c"
# A secret.
# Must be 64 hexadecimal digits in quotes, or an empty text.
secret = ""
)");
}

TEST(ToToml, LeavesCommentsOut) {
  EXPECT_THAT(to_toml(Config{}, Comments::without), Not(HasSubstr("#")));
}

TEST(ToToml, ShowsNoSecret) {
  Config config;
  config.files.secret = *Secret::parse(std::string(64, 'a'));
  EXPECT_THAT(to_toml(config, Comments::without), HasSubstr("secret = \"(not shown)\""));
}

TEST(ToMarkdown, HasARowForEachSetting) {
  const std::string markdown = to_markdown("program", Config{});
  EXPECT_THAT(markdown, testing::StartsWith("## program\n\n| key | default |"));
  EXPECT_THAT(markdown, HasSubstr("\n### [network]\n\nWhere.\nAnd how.\n\n| key |"));
  EXPECT_THAT(markdown, HasSubstr("| `ring_size` | `128` | a whole number from 1 to 1024 |"));
  EXPECT_THAT(markdown, HasSubstr("| a \\| b |\n")) << "a bar would end the cell";
}

TEST(ToManual, HasAnItemForEachSetting) {
  const std::string manual = to_manual(Config{});
  EXPECT_THAT(manual, testing::StartsWith(".Sh SETTINGS\n.Ss Outside all sections\n.Bl "));
  EXPECT_THAT(manual, HasSubstr("\n.Ss \"\\&[network]\\&\"\nWhere.\nAnd how.\n.Bl "));
  EXPECT_THAT(manual, HasSubstr("\n.It Cm \"\\&ring_size\\&\" No = Li \"\\&128\\&\"\n"
                                "Entries.\nMay be a whole number from 1 to 1024.\n"));
  EXPECT_THAT(manual, HasSubstr("Li \"\\&\\(dqa \\e\\(dqb\\e\\(dq")) << "a quote would end it";
}

}  // namespace
}  // namespace aquatic::config
