// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as the head of a request that asks for WebSocket, and as the response to one. Who
// is accepted is answered so that the other side accepts, and a response that is cut short is
// incomplete.
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "protocol/http/request_head.h"
#include "protocol/ws/upgrade.h"

namespace aquatic::ws {
namespace {

using Nonce = std::array<std::byte, 16>;

void check_request(Bytes input) {
  http::RequestHead head;
  if (!http::decode_request_head(input, {}, head)) return;
  const auto upgrade = decode_upgrade(head);
  if (!upgrade) return;
  CHECK(head.method == "GET" && !head.has_body());
  CHECK(upgrade->key.size() == 24 && upgrade->key.ends_with("=="));
  ByteBuffer out;
  encode_upgrade_response(upgrade->key, out);
  CHECK(out.text().ends_with("=\r\n\r\n"));
}

// The response to a request with this nonce.
void check_response(Bytes input, const Nonce& nonce) {
  const auto bytes = decode_upgrade_response(input, nonce);
  if (!bytes) return;
  CHECK(*bytes <= input.size());
  const auto cut = decode_upgrade_response(input.first(*bytes - 1), nonce);
  CHECK(!cut && cut.error() == UpgradeResponseError::incomplete);
}

void check_both_sides(const Nonce& nonce) {
  ByteBuffer request;
  encode_upgrade_request("tracker.example", "/announce", nonce, request);
  http::RequestHead head;
  const auto head_bytes = http::decode_request_head(request.bytes(), {}, head);
  CHECK(head_bytes && *head_bytes == request.size());
  const auto upgrade = decode_upgrade(head);
  CHECK(upgrade.has_value());
  ByteBuffer response;
  encode_upgrade_response(upgrade->key, response);
  const auto bytes = decode_upgrade_response(response.bytes(), nonce);
  CHECK(bytes && *bytes == response.size());
}

void check(Bytes input) {
  check_request(input);
  // That of the example of RFC 6455 §1.2, so that inputs can have the right answer.
  Nonce nonce;
  std::ranges::copy(as_bytes("the sample nonce"), nonce.begin());
  check_response(input, nonce);
  std::ranges::copy(input.first(std::min(input.size(), nonce.size())), nonce.begin());
  check_both_sides(nonce);
}

}  // namespace
}  // namespace aquatic::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aquatic::ws::check(std::as_bytes(std::span(data, size)));
  return 0;
}
