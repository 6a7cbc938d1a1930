// SPDX-License-Identifier: Apache-2.0
// Decodes any datagram as a request. What is decoded and encoded again is the datagram, but for
// the surplus of a connect.
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/check.h"
#include "protocol/udp/request.h"

namespace aquatic::udp {
namespace {

constexpr std::size_t kMaxDatagramBytes = 65'507;  // What UDP over IPv4 carries.

Bytes encoded(const Request& request, MutableBytes out) {
  return out.first(std::visit([out](const auto& r) { return encode(r, out); }, request));
}

void check_contents(const ConnectRequest&, Bytes datagram) {
  CHECK(load_big_endian<std::uint64_t>(datagram.data()) == kProtocolMagic);
}

void check_contents(const AnnounceRequest& request, Bytes datagram) {
  CHECK(request.port != 0);
  CHECK(request.event <= Event::paused);
  CHECK(request.options.size() == datagram.size() - kAnnounceRequestBytes);
}

void check_contents(const ScrapeRequest& request, Bytes datagram) {
  CHECK(request.size() > 0);
  CHECK(request.size() * InfoHash::kBytes + kScrapeRequestHeaderBytes == datagram.size());
  CHECK(request[request.size() - 1] ==
        InfoHash::copy_from(datagram.last<InfoHash::kBytes>().data()));
}

void check_error(const RequestError& error, Bytes datagram) {
  if (error.reason == RequestError::Reason::malformed) {
    CHECK(message_of(error.reason).empty());
    return;
  }
  // The answer needs the ids.
  CHECK(error.connection_id == load_big_endian<std::uint64_t>(datagram.data()));
  CHECK(error.transaction_id == load_big_endian<std::uint32_t>(datagram.data() + 12));
  CHECK(!message_of(error.reason).empty());
}

void check(Bytes datagram) {
  const auto request = decode_request(datagram);
  if (!request) return check_error(request.error(), datagram);
  std::visit([datagram](const auto& r) { check_contents(r, datagram); }, *request);
  static std::array<std::byte, kMaxDatagramBytes> out;
  const bool is_connect = std::holds_alternative<ConnectRequest>(*request);
  const Bytes whole = is_connect ? datagram.first(kConnectRequestBytes) : datagram;
  CHECK(std::ranges::equal(encoded(*request, out), whole));
}

}  // namespace
}  // namespace aquatic::udp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > aquatic::udp::kMaxDatagramBytes) return -1;  // Keep it out of the corpus.
  aquatic::udp::check(std::as_bytes(std::span(data, size)));
  return 0;
}
