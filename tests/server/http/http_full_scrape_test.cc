// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_full_scrape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace aquatic::server {
namespace {

using testing::EndsWith;
using testing::StartsWith;

InfoHash torrent(std::uint32_t number) {
  InfoHash info_hash;
  store_big_endian(info_hash.bytes.data(), number);
  return info_hash;
}

class HttpFullScrapeTest : public testing::Test {
 protected:
  void fill(std::uint32_t torrent_count) {
    Random random(1);
    for (std::uint32_t i = 0; i < torrent_count; ++i) {
      swarm_.announce(swarm_.locate(Family::ipv4, torrent(i)), {.peer = {IpAddress(), 1}}, 0, {},
                      random);
    }
  }

  // All pieces, each made of nothing but the memo of the one before it.
  std::vector<std::string> pieces(bool is_chunked) {
    std::vector<std::string> all;
    std::uint64_t memo = HttpFullScrape(Family::ipv4, is_chunked, true).to_memo();
    for (bool has_more = true; has_more;) {
      HttpFullScrape scrape = HttpFullScrape::from_memo(memo);
      ByteBuffer out;
      has_more = scrape.append_piece(swarm_, access_list_, out);
      memo = scrape.to_memo();
      all.emplace_back(out.text());
    }
    return all;
  }

  // The torrents of a body, each with one leecher; nothing if it is anything else.
  static std::optional<std::set<std::string>> torrents_of(std::string_view body) {
    constexpr std::string_view kCounts = "d8:completei0e10:downloadedi0e10:incompletei1ee";
    constexpr std::size_t kEntryBytes = 3 + InfoHash::kBytes + kCounts.size();
    if (!body.starts_with("d5:filesd") || !body.ends_with("ee")) return std::nullopt;
    body = body.substr(9, body.size() - 11);
    std::set<std::string> torrents;
    for (; !body.empty(); body.remove_prefix(kEntryBytes)) {
      if (body.size() < kEntryBytes || !body.starts_with("20:")) return std::nullopt;
      if (body.substr(23, kCounts.size()) != kCounts) return std::nullopt;
      if (!torrents.emplace(body.substr(3, InfoHash::kBytes)).second) return std::nullopt;
    }
    return torrents;
  }

  swarm::Swarm swarm_{swarm::Options{.hash_seed = 3}};
  access_list::AccessList access_list_;
};

TEST_F(HttpFullScrapeTest, HasEveryTorrentOnceInPiecesOfBoundedSize) {
  fill(5000);
  std::string body;
  for (const std::string& piece : pieces(false)) {
    EXPECT_LE(piece.size(), 64u * 1024);
    body += piece;
  }
  const auto torrents = torrents_of(body);
  ASSERT_TRUE(torrents);
  EXPECT_EQ(torrents->size(), 5000u);
}

TEST_F(HttpFullScrapeTest, IsAnEmptyDictionaryOfNoTorrents) {
  EXPECT_THAT(pieces(false), testing::ElementsAre("d5:filesdee"));
  EXPECT_THAT(pieces(true), testing::ElementsAre("b\r\nd5:filesdee\r\n0\r\n\r\n"));
}

TEST_F(HttpFullScrapeTest, ComesInChunks) {
  fill(2000);
  std::string body;
  const auto all = pieces(true);
  for (const std::string& piece : all) {
    std::string_view rest = piece;
    const std::size_t line_end = rest.find("\r\n");
    const std::size_t bytes = std::stoul(piece, nullptr, 16);
    body += rest.substr(line_end + 2, bytes);
    rest.remove_prefix(line_end + 2 + bytes);
    EXPECT_THAT(rest, StartsWith("\r\n"));
    EXPECT_EQ(rest.substr(2), &piece == &all.back() ? "0\r\n\r\n" : "");
  }
  const auto torrents = torrents_of(body);
  ASSERT_TRUE(torrents);
  EXPECT_EQ(torrents->size(), 2000u);
}

TEST_F(HttpFullScrapeTest, LeavesOutTorrentsThatAreNotAllowed) {
  fill(1000);
  std::vector<InfoHash> denied;
  for (std::uint32_t i = 0; i < 999; ++i) denied.push_back(torrent(i));
  access_list_ = access_list::AccessList(access_list::Mode::deny, denied);
  std::string body;
  for (const std::string& piece : pieces(true)) {
    EXPECT_NE(piece.substr(0, 3), "0\r\n") << "an empty chunk would be the end";
    body += piece;
  }
  EXPECT_THAT(body, testing::HasSubstr(std::string(as_text(torrent(999).bytes))));
  EXPECT_THAT(body, EndsWith("0\r\n\r\n"));
}

TEST_F(HttpFullScrapeTest, RemembersWhatBecomesOfTheConnection) {
  for (const bool keeps_alive : {false, true}) {
    const std::uint64_t memo = HttpFullScrape(Family::ipv6, true, keeps_alive).to_memo();
    EXPECT_NE(memo, 0u);
    EXPECT_EQ(HttpFullScrape::from_memo(memo).keeps_alive(), keeps_alive);
  }
}

}  // namespace
}  // namespace aquatic::server
