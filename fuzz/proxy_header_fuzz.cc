// SPDX-License-Identifier: Apache-2.0
// Any bytes as the beginning of a connection from a proxy.
#include <array>
#include <cstdint>

#include "base/byte_buffer.h"
#include "base/check.h"
#include "net/proxy_header.h"

namespace aquatic::net {
namespace {

void check_header(Bytes input) {
  const auto header = decode_proxy_header(input);
  // Nobody has to wait for more than the longest header to know what is wrong.
  if (!header && header.error() == ProxyHeaderError::incomplete) {
    CHECK(input.size() < kMaxProxyHeaderBytes);
  }
  if (!header) return;
  CHECK(header->bytes > 0 && header->bytes <= input.size());
  CHECK(header->bytes <= kMaxProxyHeaderBytes);
  // What follows makes no difference, and what is cut off is missed.
  CHECK(decode_proxy_header(input.first(header->bytes))->source == header->source);
  const auto cut = decode_proxy_header(input.first(header->bytes - 1));
  CHECK(!cut && cut.error() == ProxyHeaderError::incomplete);
  if (!header->source) return;
  for (const auto encode : {encode_proxy_header_v1, encode_proxy_header_v2}) {
    ByteBuffer again;
    encode(*header->source, {header->source->ip, 80}, again);
    CHECK(decode_proxy_header(again.bytes())->source == header->source);
  }
}

}  // namespace
}  // namespace aquatic::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aquatic::net::check_header(std::as_bytes(std::span(data, size)));
  return 0;
}
