// SPDX-License-Identifier: Apache-2.0
// Parses any text as an endpoint, an address and an info hash. What is printed again parses to
// the same.
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "base/endpoint.h"
#include "base/info_hash.h"

namespace aquatic {
namespace {

void check_address(std::string_view text) {
  const auto address = IpAddress::parse(text);
  if (!address) return;
  CHECK(IpAddress::parse(address->to_string()) == address);
  // One peer, one identity: an address is never kept as IPv4-mapped IPv6.
  if (address->is_v4()) CHECK(IpAddress::parse("::ffff:" + address->to_string()) == address);
  CHECK(text.find('\0') == std::string_view::npos);
}

void check_endpoint(std::string_view text) {
  const auto endpoint = Endpoint::parse(text);
  if (!endpoint) return;
  CHECK(Endpoint::parse(endpoint->to_string()) == endpoint);
  CHECK(text.ends_with(std::to_string(endpoint->port)));
}

void check_info_hash(std::string_view text) {
  const auto info_hash = InfoHash::parse_hex(text);
  if (!info_hash) return;
  CHECK(text.size() == 2 * InfoHash::kBytes);
  CHECK(InfoHash::parse_hex(info_hash->to_hex()) == info_hash);
}

}  // namespace
}  // namespace aquatic

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = aquatic::as_text(std::as_bytes(std::span(data, size)));
  aquatic::check_address(text);
  aquatic::check_endpoint(text);
  aquatic::check_info_hash(text);
  return 0;
}
