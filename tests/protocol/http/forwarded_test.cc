// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/forwarded.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace aquatic::http {
namespace {

constexpr std::string_view kTrusted = "10.0.0.0/8, 2001:db8:aaaa::/48";

// The address, or "missing", "malformed", "unknown".
std::string found(const std::vector<Header>& headers, std::string_view name,
                  ForwardedFormat format) {
  RequestHead head;
  for (const Header& header : headers) head.header_slots[head.header_count++] = header;
  const auto address = forwarded_address(head, name, format, *IpNetworks::parse(kTrusted));
  if (address) return address->to_string();
  switch (address.error()) {
    case ForwardedError::missing: return "missing";
    case ForwardedError::malformed: return "malformed";
    case ForwardedError::unknown: return "unknown";
  }
  return "?";
}

// In a copy of exactly the right size, so that AddressSanitizer sees a step too far.
std::string listed(std::string_view value) {
  const std::vector<char> copy(value.begin(), value.end());
  return found({{.name = "X-Forwarded-For", .value = {copy.data(), copy.size()}}},
               "X-Forwarded-For", ForwardedFormat::address_list);
}

std::string forwarded(std::string_view value) {
  const std::vector<char> copy(value.begin(), value.end());
  return found({{.name = "Forwarded", .value = {copy.data(), copy.size()}}}, "Forwarded",
               ForwardedFormat::rfc7239);
}

TEST(AddressList, TheRightMostThatIsNotTrustedCounts) {
  EXPECT_EQ(listed("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(listed("198.51.100.1, 203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(listed("198.51.100.1, 203.0.113.7, 10.0.0.1,10.0.0.2"), "203.0.113.7");
  EXPECT_EQ(listed("198.51.100.1,2001:db8::7,2001:db8:aaaa::1"), "2001:db8::7");
  // All are trusted: the left-most is as far as anybody knows.
  EXPECT_EQ(listed("10.0.0.3, 10.0.0.2, 10.0.0.1"), "10.0.0.3");
}

TEST(AddressList, ReadsAddressesWithAndWithoutPorts) {
  EXPECT_EQ(listed("203.0.113.7:4711"), "203.0.113.7");
  EXPECT_EQ(listed("2001:db8::7"), "2001:db8::7");
  EXPECT_EQ(listed("[2001:db8::7]"), "2001:db8::7");
  EXPECT_EQ(listed("[2001:db8::7]:4711"), "2001:db8::7");
  EXPECT_EQ(listed("::ffff:203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(listed("[::ffff:203.0.113.7]:80"), "203.0.113.7");
  EXPECT_EQ(listed("10.0.0.1:80, 10.0.0.2:81"), "10.0.0.1");
}

TEST(AddressList, PassesOverEmptyItems) {
  EXPECT_EQ(listed(" , 203.0.113.7 ,\t, "), "203.0.113.7");
  for (const char* value : {"", " ", ",", " , ,"}) EXPECT_EQ(listed(value), "missing") << value;
}

TEST(AddressList, RefusesWhatIsNoAddress) {
  for (const char* item : {"x",
                           "203.0.113",
                           "203.0.113.7.8",
                           "203.0.113.7:",
                           "203.0.113.7:x",
                           "203.0.113.7:65536",
                           "203.0.113.7:-1",
                           "203.0.113.7 80",
                           "[203.0.113.7]",
                           "[203.0.113.7]:80",
                           "[2001:db8::7",
                           "2001:db8::7]",
                           "[2001:db8::7]80",
                           "[2001:db8::7]:",
                           "[]",
                           "[",
                           "]",
                           ":",
                           ":80",
                           "fe80::1%eth0",
                           "\"203.0.113.7\"",
                           "for=203.0.113.7",
                           "localhost",
                           "[unknown]",
                           "_",
                           "_a b",
                           "0x7f.0.0.1"}) {
    EXPECT_EQ(listed(item), "malformed") << item;
    EXPECT_EQ(listed(std::string("203.0.113.7, ") + item + ", 10.0.0.1"), "malformed") << item;
    // Left of what counts nobody looks.
    EXPECT_EQ(listed(std::string(item) + ", 203.0.113.7, 10.0.0.1"), "203.0.113.7") << item;
  }
}

TEST(AddressList, SaysWhenTheProxyHidesIt) {
  EXPECT_EQ(listed("unknown"), "unknown");
  EXPECT_EQ(listed("203.0.113.7, Unknown, 10.0.0.1"), "unknown");
  EXPECT_EQ(listed("_hidden"), "unknown");
}

TEST(AddressList, SeveralHeadersCountAsOne) {
  const auto format = ForwardedFormat::address_list;
  const std::vector<Header> headers = {
      {.name = "X-Forwarded-For", .value = "198.51.100.1"},
      {.name = "Host", .value = "x"},
      {.name = "x-forwarded-for", .value = "203.0.113.7, 10.0.0.2"},
      {.name = "X-FORWARDED-FOR", .value = "10.0.0.1"},
      {.name = "X-Real-IP", .value = "192.0.2.99"}};
  EXPECT_EQ(found(headers, "X-Forwarded-For", format), "203.0.113.7");
  EXPECT_EQ(found(headers, "X-Real-IP", format), "192.0.2.99");
  EXPECT_EQ(found(headers, "X-Forwarded", format), "missing");
  EXPECT_EQ(found({}, "X-Forwarded-For", format), "missing");
}

TEST(Forwarded, ReadsTheExamplesOfTheStandard) {
  EXPECT_EQ(forwarded("for=\"_gazonk\""), "unknown");
  EXPECT_EQ(forwarded("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
  EXPECT_EQ(forwarded("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
  EXPECT_EQ(forwarded("for=192.0.2.43, for=198.51.100.17"), "198.51.100.17");
  EXPECT_EQ(forwarded("for=_hidden, for=_SEVKISEK"), "unknown");
  EXPECT_EQ(forwarded("for=\"192.0.2.43:47011\""), "192.0.2.43");
  EXPECT_EQ(forwarded("for=unknown;by=203.0.113.43"), "unknown");
  EXPECT_EQ(forwarded("for=\"192.0.2.43:_port\""), "192.0.2.43");
}

TEST(Forwarded, TheRightMostThatIsNotTrustedCounts) {
  EXPECT_EQ(forwarded("for=198.51.100.1, for=203.0.113.7;by=10.0.0.1,for=10.0.0.2"), "203.0.113.7");
  EXPECT_EQ(forwarded("for=10.0.0.2, for=10.0.0.1"), "10.0.0.2");
  EXPECT_EQ(forwarded("for=203.0.113.7, by=10.0.0.1"), "unknown");  // Does not say for whom.
}

TEST(Forwarded, QuotedCommasAndSemicolonsSeparateNothing) {
  EXPECT_EQ(forwarded("for=203.0.113.7;host=\"a,b;c=d\""), "203.0.113.7");
  EXPECT_EQ(forwarded("host=\", for=198.51.100.1;\";for=203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(forwarded("for=203.0.113.7;host=\"a\\\", for=198.51.100.1;x=\\\"b\""), "203.0.113.7");
  EXPECT_EQ(forwarded("for=203.0.113.7;host=\"a\\\\\", for=10.0.0.1"), "203.0.113.7");
  EXPECT_EQ(forwarded(" ; for=203.0.113.7 ; proto=https ;; "), "203.0.113.7");
}

// What a peer sends himself stands on the left, and may be anything.
TEST(Forwarded, NothingOnTheLeftReachesWhatHonestProxiesAdd) {
  for (const char* evil :
       {"for=\"", "for=198.51.100.1;host=\"", "\"", "\\", "\"\\", "for=\"198.51.100.1\\", ";;;",
        "x", "for=198.51.100.1;for=", ",,,", "=\"=\"="}) {
    const std::string left = std::string(evil) + ", ";
    EXPECT_EQ(forwarded(left + "for=203.0.113.7"), "203.0.113.7") << evil;
    EXPECT_EQ(forwarded(left + "for=\"203.0.113.7:80\";host=\"a,b\", for=10.0.0.1"), "203.0.113.7")
        << evil;
  }
}

TEST(Forwarded, RefusesWhatIsMalformed) {
  for (const char* item :
       {"203.0.113.7", "for", "for=", "for=\"\"", "for=\"203.0.113.7", "for=203.0.113.7\"",
        "for=\"203.0.113.7\"x", "for=203.0.113.7;for=203.0.113.7", "for=x", "for=2001:db8::7:x",
        "for =203.0.113.7", "for=203.0.113.7 proto=https", "for=203.0.113.7;proto",
        "for=\"\\203.0.113.7\"", "for=\"[203.0.113.7]\"", "for=203.0.113.7;a b=c", ";=;x"}) {
    EXPECT_EQ(forwarded(item), "malformed") << item;
  }
}

// Random text on the left of an honest proxy's element never changes what is found.
TEST(Forwarded, RandomTextOnTheLeftChangesNothing) {
  constexpr std::string_view kAlphabet = "for=\"\"\\\\;,, [1]:._x1.2.3.4";
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint32_t left = random.below(20); left > 0; --left) {
      text += kAlphabet[random.below(kAlphabet.size())];
    }
    const std::string honest = text + ", for=\"203.0.113.7:80\";host=\"a\\\"b\", for=10.0.0.1";
    ASSERT_EQ(forwarded(honest), "203.0.113.7") << text;
    ASSERT_EQ(listed(text + ", 203.0.113.7, 10.0.0.1"), "203.0.113.7") << text;
    forwarded(text);  // Whatever it is, no step too far.
    listed(text);
  }
}

}  // namespace
}  // namespace aquatic::http
