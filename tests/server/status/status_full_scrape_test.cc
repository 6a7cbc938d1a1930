// SPDX-License-Identifier: Apache-2.0
#include "server/status/status_full_scrape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace aquatic::server {
namespace {

using Form = StatusFullScrape::Form;

InfoHash hash_of(std::uint32_t number) {
  InfoHash hash{};
  store_big_endian(hash.bytes.data(), number);
  return hash;
}

class StatusFullScrapeTest : public testing::Test {
 protected:
  void announce(Family family, std::uint32_t torrent, swarm::Status status) {
    const IpAddress ip = *IpAddress::parse(family == Family::ipv4 ? "192.0.2.1" : "2001:db8::1");
    swarm_.announce(swarm_.locate(family, hash_of(torrent)),
                    {.peer = {ip, next_port_++}, .status = status}, 0, {}, random_);
  }
  // All pieces, with the scrape taken down and put up again between them.
  std::string all(Form form, bool is_chunked = false) {
    StatusFullScrape scrape(form, is_chunked, true);
    ByteBuffer out;
    while (scrape.append_piece(swarm_, access_list_.current(), out)) {
      EXPECT_LT(scrape.to_bits(), std::uint64_t{1} << StatusFullScrape::kBits);
      scrape = StatusFullScrape::from_bits(scrape.to_bits());
    }
    return std::string(out.text());
  }

  swarm::Swarm swarm_{{.shard_count = 4}};
  Random random_{1};
  access_list::Holder holder_;
  access_list::Reader access_list_{holder_};
  std::uint16_t next_port_ = 1;
};

using enum swarm::Status;

TEST_F(StatusFullScrapeTest, JoinsTheFamilies) {
  announce(Family::ipv4, 1, seeder);
  announce(Family::ipv6, 1, seeder);
  announce(Family::ipv6, 1, leecher);
  EXPECT_EQ(all(Form::text), "0000000100000000000000000000000000000000:2:1\n");
  announce(Family::ipv6, 0xABCD, leecher);
  EXPECT_THAT(all(Form::text),
              testing::EndsWith("\n0000ABCD00000000000000000000000000000000:0:1\n"));
}

TEST_F(StatusFullScrapeTest, HasTheFormsOfOpentracker) {
  announce(Family::ipv4, 0x61000000, seeder);
  const std::string hash = "a" + std::string(19, '\0');
  EXPECT_EQ(all(Form::bencode),
            "d5:filesd20:" + hash + "d8:completei1e10:downloadedi0e10:incompletei0eeee");
  EXPECT_EQ(all(Form::binary), hash + std::string("\0\0\0\1\0\0\0\0", 8));
  std::string escaped = "a";
  for (int i = 0; i < 19; ++i) escaped += "%00";
  EXPECT_EQ(all(Form::url), escaped + ":1:0\n");
  EXPECT_EQ(StatusFullScrape::form_of("ben"), Form::bencode);
  EXPECT_EQ(StatusFullScrape::form_of("txt"), Form::text);
  EXPECT_EQ(StatusFullScrape::form_of("bin"), Form::binary);
  EXPECT_EQ(StatusFullScrape::form_of("url"), Form::url);
  EXPECT_FALSE(StatusFullScrape::form_of("xml"));
}

TEST_F(StatusFullScrapeTest, GivesEachOfManyOnce) {
  for (std::uint32_t i = 0; i < 1500; ++i) announce(Family::ipv4, i, seeder);
  for (std::uint32_t i = 1000; i < 3000; ++i) announce(Family::ipv6, i, leecher);
  std::istringstream lines(all(Form::text));
  std::set<std::string> seen;
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) seen.insert(line.substr(0, 40));
  EXPECT_EQ(count, 3000u);
  EXPECT_EQ(seen.size(), 3000u);
}

TEST_F(StatusFullScrapeTest, AnEmptyTrackerHasAWholeBody) {
  EXPECT_EQ(all(Form::text), "");
  EXPECT_EQ(all(Form::bencode), "d5:filesdee");
  EXPECT_EQ(all(Form::text, true), "0\r\n\r\n");
}

}  // namespace
}  // namespace aquatic::server
