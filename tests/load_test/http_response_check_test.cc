// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_response_check.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

namespace aquatic::load_test {
namespace {

using namespace std::string_literals;

const AnnounceExpectation kSelf = {
    .self = *Endpoint::parse("127.0.0.1:6881"), .peers_wanted = 3, .max_response_peers = 30};
const HttpExpectation kAnnounce = {.announce = kSelf};

std::optional<Fault> fault_of(const HttpExpectation& expected, const std::string& body,
                              unsigned status = 200) {
  const auto right = check(expected, {.status = status, .body = as_bytes(body)}, Depth::thorough);
  return right ? std::nullopt : std::optional(right.error());
}

std::string announce(std::uint32_t complete, const std::string& peers) {
  return "d8:completei" + std::to_string(complete) + "e10:incompletei0e8:intervali120e5:peers" +
         std::to_string(peers.size()) + ":" + peers + "e";
}

TEST(HttpResponseCheck, AcceptsRightAnnounces) {
  EXPECT_EQ(fault_of(kAnnounce, announce(0, "")), std::nullopt);
  EXPECT_EQ(fault_of(kAnnounce, announce(2, "aaaaaabbbbbb")), std::nullopt);
}

TEST(HttpResponseCheck, LooksAtThePeers) {
  EXPECT_EQ(fault_of(kAnnounce, announce(1, "")), Fault::missing_peers);
  EXPECT_EQ(fault_of(kAnnounce, announce(1, "\x7f\0\0\1\x1a\xe1"s)), Fault::own_peer);
  EXPECT_EQ(fault_of(kAnnounce, announce(9, "aaaaaabbbbbbaaaaaa")), Fault::repeated_peer);
}

TEST(HttpResponseCheck, LooksAtTheKeys) {
  EXPECT_EQ(fault_of(kAnnounce, "d8:completei0e8:intervali120e5:peers0:e"), Fault::missing_keys);
  EXPECT_EQ(fault_of(kAnnounce, "d10:incompletei0e8:intervali120e5:peers0:e"), Fault::missing_keys);
  EXPECT_EQ(fault_of(kAnnounce, "d8:completei0e10:incompletei0e5:peers0:e"), Fault::missing_keys);
  EXPECT_EQ(fault_of(kAnnounce, "d8:completei0e10:incompletei0e8:intervali0e5:peers0:e"),
            Fault::missing_keys);
}

TEST(HttpResponseCheck, TheFamilyIsThatOfTheConnection) {
  const std::string six =
      "d8:completei1e10:incompletei0e8:intervali1e6:peers618:" + std::string(18, 'a') + "e";
  EXPECT_EQ(fault_of(kAnnounce, six), Fault::wrong_family);
  HttpExpectation v6 = kAnnounce;
  v6.announce.self = *Endpoint::parse("[::1]:6881");
  EXPECT_EQ(fault_of(v6, six), std::nullopt);
  EXPECT_EQ(fault_of(v6, announce(1, "aaaaaa")), Fault::wrong_family);
}

TEST(HttpResponseCheck, RefusesWhatIsNotTheCompactForm) {
  EXPECT_EQ(fault_of(kAnnounce, "d5:peers"), Fault::malformed);
  EXPECT_EQ(fault_of(kAnnounce, announce(1, "aaaaa")), Fault::malformed);
  EXPECT_EQ(fault_of(kAnnounce,
                     "d8:completei1e10:incompletei0e8:intervali1e5:peersl"
                     "d2:ip9:127.0.0.24:porti1eeee"),
            Fault::malformed);
}

TEST(HttpResponseCheck, AStatusOtherThanOkIsAFaultUnlessItRefuses) {
  EXPECT_EQ(fault_of(kAnnounce, announce(0, ""), 500), Fault::wrong_status);
  EXPECT_EQ(fault_of(kAnnounce, "Not here", 404), Fault::wrong_status);
  EXPECT_EQ(fault_of(kAnnounce, "d14:failure reason2:noe", 400), std::nullopt);
  EXPECT_EQ(fault_of(kAnnounce, "d14:failure reason2:noe", 200), std::nullopt);
}

InfoHash hash_of(char letter) {
  return InfoHash::copy_from(as_bytes(std::string(InfoHash::kBytes, letter)).data());
}

std::string scrape(const std::string& letters) {
  std::string body = "d5:filesd";
  for (const char letter : letters) {
    body += "20:" + std::string(InfoHash::kBytes, letter) +
            "d8:completei0e10:downloadedi0e10:incompletei0ee";
  }
  return body + "ee";
}

TEST(HttpResponseCheck, AScrapeHasWhatWasAskedFor) {
  const std::array torrents = {hash_of('a'), hash_of('c')};
  const HttpExpectation expected = {.is_scrape = true, .torrents = torrents};
  EXPECT_EQ(fault_of(expected, scrape("ac")), std::nullopt);
  EXPECT_EQ(fault_of(expected, scrape("a")), Fault::wrong_scrape_entries);
  EXPECT_EQ(fault_of(expected, scrape("ab")), Fault::wrong_scrape_entries);
  EXPECT_EQ(fault_of(expected, scrape("abc")), Fault::wrong_scrape_entries);
  EXPECT_EQ(fault_of(expected, scrape("ca")), Fault::malformed);  // Not sorted.
}

TEST(HttpResponseCheck, FindsResponsesToAnotherKindOfRequest) {
  const std::array torrents = {hash_of('a')};
  const HttpExpectation scraping = {.is_scrape = true, .torrents = torrents};
  EXPECT_EQ(fault_of(scraping, announce(0, "")), Fault::wrong_action);
  EXPECT_EQ(fault_of(kAnnounce, scrape("a")), Fault::wrong_action);
}

}  // namespace
}  // namespace aquatic::load_test
