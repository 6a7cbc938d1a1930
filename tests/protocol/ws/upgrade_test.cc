// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/upgrade.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "protocol/http/request_head.h"

namespace aquatic::ws {
namespace {

using Nonce = std::array<std::byte, 16>;

// The example of RFC 6455 §1.2 and §1.3.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccepting =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    "\r\n";

Nonce sample_nonce() {
  Nonce nonce;
  std::ranges::copy(as_bytes("the sample nonce"), nonce.begin());
  return nonce;
}

// "accepted KEY ORIGIN", or the error.
std::string upgraded(std::string_view request) {
  http::RequestHead head;
  if (!http::decode_request_head(as_bytes(request), {}, head)) return "no head";
  const auto upgrade = decode_upgrade(head);
  if (upgrade) return "accepted " + std::string(upgrade->key) + " " + std::string(upgrade->origin);
  switch (upgrade.error()) {
    case UpgradeError::not_asked_for: return "not asked for";
    case UpgradeError::malformed: return "malformed";
    case UpgradeError::bad_version: return "bad version";
  }
  return "";
}

// A good request with one line replaced, or with more lines.
std::string request(std::string_view replaced = "", std::string_view by = "") {
  std::string text =
      "GET /chat HTTP/1.1\r\n"
      "Host: server.example.com\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Origin: http://example.com\r\n"
      "Sec-WebSocket-Protocol: chat, superchat\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate\r\n"
      "Sec-WebSocket-Version: 13\r\n\r\n";
  if (replaced.empty()) return text.insert(text.size() - 2, by);
  const std::size_t at = text.find(replaced);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, replaced.size(), by);
}

const std::string kAccepted = "accepted " + std::string(kKey) + " http://example.com";

TEST(Upgrade, AcceptsTheExampleOfTheStandard) {
  EXPECT_EQ(upgraded(request()), kAccepted);
  ByteBuffer out;
  encode_upgrade_response(kKey, out);
  EXPECT_EQ(out.text(), kAccepting);
}

TEST(Upgrade, ReadsNamesAndTokensInAnyCase) {
  EXPECT_EQ(upgraded(request("Upgrade: websocket", "uPGRADE: h2c,\tWebSocket ,")), kAccepted);
  EXPECT_EQ(upgraded(request("Connection: Upgrade", "connection: keep-alive, UPGRADE")), kAccepted);
  EXPECT_EQ(upgraded(request("Connection: Upgrade", "Connection: a\r\nConnection: upgrade")),
            kAccepted);
  EXPECT_EQ(upgraded(request("Sec-WebSocket-Key", "SEC-WEBSOCKET-KEY")), kAccepted);
}

TEST(Upgrade, TellsOrdinaryRequests) {
  EXPECT_EQ(upgraded("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "not asked for");
  EXPECT_EQ(upgraded(request("Upgrade: websocket", "Upgrade: websockets")), "not asked for");
  EXPECT_EQ(upgraded("POST / HTTP/1.0\r\n\r\n"), "not asked for");
}

TEST(Upgrade, RefusesWhatIsMalformed) {
  EXPECT_EQ(upgraded(request("GET", "POST")), "malformed");
  EXPECT_EQ(upgraded(request("GET", "get")), "malformed");
  EXPECT_EQ(upgraded(request("HTTP/1.1", "HTTP/1.0")), "malformed");
  EXPECT_EQ(upgraded(request("Connection: Upgrade", "Connection: close")), "malformed");
  EXPECT_EQ(upgraded(request("", "Content-Length: 1\r\n")), "malformed");
  EXPECT_EQ(upgraded(request("", "Transfer-Encoding: chunked\r\n")), "malformed");
  EXPECT_EQ(upgraded(request("", "Origin: http://other.example\r\n")), "malformed");
  EXPECT_EQ(upgraded(request("", "Content-Length: 0\r\n")), kAccepted);
}

TEST(Upgrade, WantsOneKeyOfSixteenBytes) {
  const std::string key(kKey);
  for (const std::string& other :
       {std::string(), std::string("x"), key.substr(4), key + "AAAA", key.substr(0, 22),
        key.substr(0, 23), key + "=", std::string("dGhlIHNhbXBsZSBub25jZR=="),
        std::string("dGhlIHNhbXBsZSBub25jZ_=="), std::string("dGhlIHNhbXBsZSB ub25jZQ=="),
        std::string("dGhlIHNhbXBsZSBub25jZQAA")}) {
    EXPECT_EQ(upgraded(request(kKey, other)), "malformed") << other;
  }
  EXPECT_EQ(upgraded(request("", "Sec-WebSocket-Key: " + key + "\r\n")), "malformed");
  EXPECT_EQ(upgraded(request("Sec-WebSocket-Key", "X")), "malformed");
}

TEST(Upgrade, WantsVersion13) {
  EXPECT_EQ(upgraded(request("Version: 13", "Version: 8")), "bad version");
  EXPECT_EQ(upgraded(request("Version: 13", "Version: 013")), "bad version");
  EXPECT_EQ(upgraded(request("Version: 13", "Version: 13, 8")), "bad version");
  EXPECT_EQ(upgraded(request("Sec-WebSocket-Version: 13", "X: 1")), "bad version");
  EXPECT_EQ(upgraded(request("", "Sec-WebSocket-Version: 13\r\n")), "bad version");
  ByteBuffer out;
  encode_version_refusal(out);
  EXPECT_EQ(out.text(),
            "HTTP/1.1 426 Upgrade Required\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade, close\r\n"
            "Sec-WebSocket-Version: 13\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST(UpgradeRequest, WritesTheReferenceBytes) {
  ByteBuffer out;
  encode_upgrade_request("server.example.com", "/chat", sample_nonce(), out);
  EXPECT_EQ(out.text(),
            "GET /chat HTTP/1.1\r\n"
            "Host: server.example.com\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n");
}

// How long the head is, or the error.
std::string accepted(std::string_view response) {
  const std::vector<char> exact(response.begin(), response.end());  // For AddressSanitizer.
  const auto bytes =
      decode_upgrade_response(as_bytes({exact.data(), exact.size()}), sample_nonce());
  if (bytes) return std::to_string(*bytes);
  switch (bytes.error()) {
    case UpgradeResponseError::incomplete: return "incomplete";
    case UpgradeResponseError::refused: return "refused";
    case UpgradeResponseError::malformed: return "malformed";
  }
  return "";
}

std::string response(std::string_view replaced, std::string_view by) {
  std::string text(kAccepting);
  const std::size_t at = text.find(replaced);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, replaced.size(), by);
}

TEST(UpgradeResponse, IsTakenWithWhatFollows) {
  const std::string bytes = std::to_string(kAccepting.size());
  EXPECT_EQ(accepted(kAccepting), bytes);
  EXPECT_EQ(accepted(std::string(kAccepting) + "\x81\x01x"), bytes);
  for (std::size_t i = 0; i < kAccepting.size(); ++i) {
    EXPECT_EQ(accepted(kAccepting.substr(0, i)), "incomplete");
  }
}

TEST(UpgradeResponse, HasToAcceptThisRequest) {
  EXPECT_EQ(accepted(response("101 Switching Protocols", "426 Upgrade Required")), "refused");
  EXPECT_EQ(accepted(response("101 Switching Protocols", "200 OK")), "refused");
  EXPECT_EQ(accepted(response("HTTP", "SSH")), "malformed");
  EXPECT_EQ(accepted(response("s3pP", "S3pP")), "malformed");
  EXPECT_EQ(accepted(response("Upgrade: websocket", "Upgrade: h2c")), "malformed");
  EXPECT_EQ(accepted(response("Connection: Upgrade", "Connection: close")), "malformed");
  EXPECT_EQ(accepted(response("Sec-WebSocket-Accept", "Accept")), "malformed");
  const std::string extension = "Sec-WebSocket-Extensions: permessage-deflate\r\nUpgrade";
  EXPECT_EQ(accepted(response("Upgrade", extension)), "malformed");
  EXPECT_EQ(accepted(response("Upgrade", "Sec-WebSocket-Protocol: chat\r\nUpgrade")), "malformed");
}

RC_GTEST_PROP(Upgrade, BothSidesAgree, (const std::array<std::uint8_t, 16>& numbers)) {
  const auto nonce = std::as_bytes(std::span(numbers));
  ByteBuffer out;
  encode_upgrade_request("a", "/", nonce, out);
  http::RequestHead head;
  RC_ASSERT(http::decode_request_head(out.bytes(), {}, head).value() == out.size());
  const auto upgrade = decode_upgrade(head);
  RC_ASSERT(upgrade.has_value());
  ByteBuffer answer;
  encode_upgrade_response(upgrade->key, answer);
  RC_ASSERT(decode_upgrade_response(answer.bytes(), nonce).value() == answer.size());
}

}  // namespace
}  // namespace aquatic::ws
