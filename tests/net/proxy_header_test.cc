// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_header.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hex.h"

namespace aquatic::net {
namespace {

using test::hex;
using Error = ProxyHeaderError;

// Whose connection a header makes it; "own" for the proxy's, else what is wrong. All of the text
// has to be header.
std::string decode(Bytes bytes) {
  const auto header = decode_proxy_header(bytes);
  if (!header) return header.error() == Error::incomplete ? "incomplete" : "malformed";
  EXPECT_EQ(header->bytes, bytes.size());
  return header->source ? header->source->to_string() : "own";
}
std::string decode(std::string_view text) { return decode(as_bytes(text)); }

// Version 2 with these bytes behind the signature.
std::string decode_v2(std::string_view hex_text) {
  std::vector<std::byte> bytes = hex("0d0a0d0a 000d0a51 5549540a");
  for (const std::byte byte : hex(hex_text)) bytes.push_back(byte);
  return decode(bytes);
}

TEST(ProxyHeaderTest, DecodesVersion1) {
  EXPECT_EQ(decode("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n"), "192.0.2.1:56324");
  EXPECT_EQ(decode("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
            "255.255.255.255:65535");
  EXPECT_EQ(decode("PROXY TCP6 2001:db8::1 2001:DB8::2 0 443\r\n"), "[2001:db8::1]:0");
  EXPECT_EQ(decode("PROXY TCP6 ::ffff:192.0.2.1 ::1 4000 80\r\n"), "192.0.2.1:4000");
  EXPECT_EQ(decode("PROXY UNKNOWN\r\n"), "own");
  EXPECT_EQ(decode("PROXY UNKNOWN whatever it may be\r\n"), "own");
}

TEST(ProxyHeaderTest, RefusesWhatIsNotVersion1) {
  for (const char* line : {
           "PROXY TCP4 192.0.2.1 198.51.100.7 56324\r\n",
           "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443 1\r\n",
           "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443 \r\n",
           "PROXY TCP4  192.0.2.1 198.51.100.7 56324 443\r\n",
           "PROXY TCP4 192.0.2.01 198.51.100.7 56324 443\r\n",
           "PROXY TCP4 192.0.2 198.51.100.7 56324 443\r\n",
           "PROXY TCP4 2001:db8::1 198.51.100.7 56324 443\r\n",
           "PROXY TCP4 192.0.2.1 2001:db8::1 56324 443\r\n",
           "PROXY TCP6 192.0.2.1 2001:db8::1 56324 443\r\n",
           "PROXY TCP6 2001:db8::1%lo 2001:db8::1 56324 443\r\n",
           "PROXY TCP4 192.0.2.1 198.51.100.7 65536 443\r\n",
           "PROXY TCP4 192.0.2.1 198.51.100.7 056 443\r\n",
           "PROXY TCP4 192.0.2.1 198.51.100.7 +56 443\r\n",
           "PROXY TCP4 192.0.2.1 198.51.100.7 -56 443\r\n",
           "PROXY TCP4 192.0.2.1 198.51.100.7 56 x\r\n",
           "PROXY TCP4 192.0.2.1 198.51.100.7 56 443\n\r\n",
           "PROXY tcp4 192.0.2.1 198.51.100.7 56324 443\r\n",
           "PROXY UDP4 192.0.2.1 198.51.100.7 56324 443\r\n",
           "PROXY \r\n",
           "PROXY\r\n",
           "proxy TCP4 192.0.2.1 198.51.100.7 56324 443\r\n",
           "GET / HTTP/1.1\r\n",
           "P\n",
           "\x16\x03\x01",
       }) {
    EXPECT_EQ(decode(line), "malformed") << line;
  }
}

TEST(ProxyHeaderTest, ALineHasALimit) {
  const std::string longest = "PROXY UNKNOWN " + std::string(91, 'f') + "\r\n";
  ASSERT_EQ(longest.size(), 107u);
  EXPECT_EQ(decode(longest), "own");
  EXPECT_EQ(decode("PROXY UNKNOWN " + std::string(92, 'f') + "\r\n"), "malformed");
  EXPECT_EQ(decode("PROXY UNKNOWN " + std::string(92, 'f')), "incomplete");
}

TEST(ProxyHeaderTest, DecodesVersion2) {
  EXPECT_EQ(decode_v2("21 11 000c c0000201 c6336407 0fa0 01bb"), "192.0.2.1:4000");
  EXPECT_EQ(decode_v2("21 12 000c c0000201 c6336407 0fa0 01bb"), "192.0.2.1:4000");
  EXPECT_EQ(decode_v2("21 21 0024 20010db8000000000000000000000001"
                      "20010db8000000000000000000000002 0fa0 01bb"),
            "[2001:db8::1]:4000");
  EXPECT_EQ(decode_v2("21 21 0024 00000000000000000000ffffc0000201"
                      "20010db8000000000000000000000002 0fa0 01bb"),
            "192.0.2.1:4000")
      << "an IPv4-mapped address is IPv4";
  EXPECT_EQ(decode_v2("21 11 0010 c0000201 c6336407 0fa0 01bb 04 0001 00"), "192.0.2.1:4000")
      << "what follows the addresses is skipped";
}

TEST(ProxyHeaderTest, Version2WithoutAnAddressOfIp) {
  EXPECT_EQ(decode_v2("20 00 0000"), "own");
  EXPECT_EQ(decode_v2("20 11 000c c0000201 c6336407 0fa0 01bb"), "own");
  EXPECT_EQ(decode_v2("20 ff 0001 00"), "own") << "of LOCAL nothing else matters";
  EXPECT_EQ(decode_v2("21 00 0000"), "own");
  EXPECT_EQ(decode_v2("21 00 0003 010203"), "own");
  EXPECT_EQ(decode_v2("21 10 000c c0000201 c6336407 0fa0 01bb"), "own");
  std::string unix_addresses = "21 31 00d8";
  for (int i = 0; i < 216; ++i) unix_addresses += " 61";
  EXPECT_EQ(decode_v2(unix_addresses), "own");
}

TEST(ProxyHeaderTest, RefusesWhatIsNotVersion2) {
  EXPECT_EQ(decode_v2("11 11 000c c0000201 c6336407 0fa0 01bb"), "malformed") << "version";
  EXPECT_EQ(decode_v2("22 11 000c c0000201 c6336407 0fa0 01bb"), "malformed") << "command";
  EXPECT_EQ(decode_v2("21 41 000c c0000201 c6336407 0fa0 01bb"), "malformed") << "family";
  EXPECT_EQ(decode_v2("21 13 000c c0000201 c6336407 0fa0 01bb"), "malformed") << "transport";
  EXPECT_EQ(decode_v2("21 11 000b c0000201 c6336407 0fa0 01"), "malformed") << "length";
  EXPECT_EQ(decode_v2("21 21 000c c0000201 c6336407 0fa0 01bb"), "malformed") << "length";
  EXPECT_EQ(decode_v2("21 31 00d7"), "malformed") << "length";
  EXPECT_EQ(decode_v2("20 00 03f1"), "malformed") << "longer than any header may be";
}

TEST(ProxyHeaderTest, TheLongestOfVersion2) {
  std::vector<std::byte> bytes = hex("0d0a0d0a 000d0a51 5549540a 20 00 03f0");
  bytes.resize(kMaxProxyHeaderBytes);
  EXPECT_EQ(decode(bytes), "own");
  bytes.pop_back();
  EXPECT_EQ(decode(bytes), "incomplete");
}

TEST(ProxyHeaderTest, DecodesWhatIsEncoded) {
  for (const auto& [source, destination] : {
           std::pair("192.0.2.1:1", "198.51.100.7:65535"),
           std::pair("0.0.0.0:0", "255.255.255.255:80"),
           std::pair("[2001:db8:1:2:3:4:5:6]:65535", "[::]:0"),
           std::pair("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
                     "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"),
       }) {
    for (const auto encode : {encode_proxy_header_v1, encode_proxy_header_v2}) {
      ByteBuffer buffer;
      encode(*Endpoint::parse(source), *Endpoint::parse(destination), buffer);
      EXPECT_EQ(decode(buffer.bytes()), source);
      // Cut anywhere it is incomplete, and what follows it is left alone.
      for (std::size_t size = 0; size < buffer.size(); ++size) {
        EXPECT_EQ(decode(Bytes(buffer.bytes()).first(size)), "incomplete") << size;
      }
      const std::size_t size = buffer.size();
      buffer.append("\r\nGET / HTTP/1.1\r\n");
      EXPECT_EQ(decode_proxy_header(buffer.bytes())->bytes, size);
    }
  }
}

TEST(ProxyHeaderTest, EncodesByTheBook) {
  ByteBuffer buffer;
  const Endpoint source = *Endpoint::parse("192.0.2.1:4000");
  const Endpoint destination = *Endpoint::parse("198.51.100.7:443");
  encode_proxy_header_v1(source, destination, buffer);
  EXPECT_EQ(buffer.text(), "PROXY TCP4 192.0.2.1 198.51.100.7 4000 443\r\n");
  buffer.clear();
  encode_proxy_header_v2(source, destination, buffer);
  const auto expected = hex("0d0a0d0a 000d0a51 5549540a 21 11 000c c0000201 c6336407 0fa0 01bb");
  EXPECT_EQ(buffer.text(), as_text(expected));
}

}  // namespace
}  // namespace aquatic::net
