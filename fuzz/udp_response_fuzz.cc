// SPDX-License-Identifier: Apache-2.0
// Decodes any datagram as a response over either family. What is decoded and encoded again decodes
// to the same, but for counts that are clamped.
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/check.h"
#include "protocol/udp/response.h"

namespace aquatic::udp {
namespace {

constexpr std::size_t kMaxDatagramBytes = 65'507;  // What UDP over IPv4 carries.
constexpr std::uint32_t kMaxCount = 0x7fff'ffff;

Bytes encoded(const Response& response, MutableBytes out) {
  return out.first(std::visit([out](const auto& r) { return encode(r, out); }, response));
}

void check_again(const ConnectResponse& response, const ConnectResponse& again, Family) {
  CHECK(response == again);
}

void check_again(const AnnounceResponse& response, const AnnounceResponse& again, Family family) {
  CHECK(response.peers.size() % peer_bytes(family) == 0);
  CHECK(response.transaction_id == again.transaction_id);
  CHECK(response.interval_s == again.interval_s);
  CHECK(std::min(response.leechers, kMaxCount) == again.leechers);
  CHECK(std::min(response.seeders, kMaxCount) == again.seeders);
  CHECK(std::ranges::equal(response.peers, again.peers));
}

void check_again(const ScrapeResponse& response, const ScrapeResponse& again, Family) {
  CHECK(response.transaction_id == again.transaction_id);
  CHECK(response.size() == again.size());
  for (std::size_t i = 0; i < response.size(); ++i) {
    CHECK(response[i] == again[i]);
    std::array<std::byte, kTorrentScrapeBytes> entry;
    encode(response[i], entry);
    const auto count = load_big_endian<std::uint32_t>(entry.data());
    CHECK(count == std::min(response[i].seeders, kMaxCount));
  }
}

void check_again(const ErrorResponse& response, const ErrorResponse& again, Family) {
  CHECK(response.transaction_id == again.transaction_id);
  CHECK(response.message == again.message);
}

void check(Bytes datagram, Family family) {
  const auto response = decode_response(datagram, family);
  if (!response) return;
  static std::array<std::byte, kMaxDatagramBytes> out;
  const Bytes bytes = encoded(*response, out);
  const auto again = decode_response(bytes, family);
  CHECK(again.has_value());
  CHECK(again->index() == response->index());
  std::visit(
      [&](const auto& r) { check_again(r, std::get<std::decay_t<decltype(r)>>(*again), family); },
      *response);
}

}  // namespace
}  // namespace aquatic::udp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > aquatic::udp::kMaxDatagramBytes) return -1;  // Keep it out of the corpus.
  const auto datagram = std::as_bytes(std::span(data, size));
  aquatic::udp::check(datagram, aquatic::Family::ipv4);
  aquatic::udp::check(datagram, aquatic::Family::ipv6);
  return 0;
}
