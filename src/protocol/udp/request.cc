// SPDX-License-Identifier: Apache-2.0
#include "protocol/udp/request.h"

#include <algorithm>

#include "base/check.h"

namespace aquatic::udp {
namespace {

// Offsets of an announce request.
constexpr std::size_t kAction = 8;
constexpr std::size_t kTransactionId = 12;
constexpr std::size_t kInfoHash = 16;
constexpr std::size_t kPeerId = 36;
constexpr std::size_t kDownloaded = 56;
constexpr std::size_t kLeft = 64;
constexpr std::size_t kUploaded = 72;
constexpr std::size_t kEvent = 80;
constexpr std::size_t kIp = 84;
constexpr std::size_t kKey = 88;
constexpr std::size_t kNumWant = 92;
constexpr std::size_t kPort = 96;
static_assert(kPort + 2 == kAnnounceRequestBytes);

std::uint64_t load64(Bytes from, std::size_t offset) noexcept {
  return load_big_endian<std::uint64_t>(from.data() + offset);
}

std::uint32_t load32(Bytes from, std::size_t offset) noexcept {
  return load_big_endian<std::uint32_t>(from.data() + offset);
}

using Decoded = Expected<Request, RequestError>;

Decoded malformed() noexcept { return Unexpected<RequestError>(RequestError{}); }

Decoded answerable(RequestError::Reason reason, Bytes datagram) noexcept {
  return Unexpected<RequestError>(
      RequestError{reason, load64(datagram, 0), load32(datagram, kTransactionId)});
}

Decoded decode_connect(Bytes datagram) noexcept {
  if (load64(datagram, 0) != kProtocolMagic) return malformed();
  return ConnectRequest{.transaction_id = load32(datagram, kTransactionId)};
}

Decoded decode_announce(Bytes datagram) noexcept {
  if (datagram.size() < kAnnounceRequestBytes) return malformed();
  const std::uint32_t event = load32(datagram, kEvent);
  if (event > static_cast<std::uint32_t>(Event::paused)) return malformed();
  const auto port = load_big_endian<std::uint16_t>(datagram.data() + kPort);
  if (port == 0) return answerable(RequestError::Reason::port_zero, datagram);

  AnnounceRequest request;
  request.connection_id = load64(datagram, 0);
  request.transaction_id = load32(datagram, kTransactionId);
  request.info_hash = InfoHash::copy_from(datagram.data() + kInfoHash);
  std::copy_n(datagram.data() + kPeerId, PeerId::kBytes, request.peer_id.bytes.data());
  request.downloaded = static_cast<std::int64_t>(load64(datagram, kDownloaded));
  request.left = static_cast<std::int64_t>(load64(datagram, kLeft));
  request.uploaded = static_cast<std::int64_t>(load64(datagram, kUploaded));
  request.event = static_cast<Event>(event);
  request.ip = load32(datagram, kIp);
  request.key = load32(datagram, kKey);
  request.num_want = static_cast<std::int32_t>(load32(datagram, kNumWant));
  request.port = port;
  request.options = datagram.subspan(kAnnounceRequestBytes);
  return request;
}

Decoded decode_scrape(Bytes datagram) noexcept {
  const Bytes info_hashes = datagram.subspan(kScrapeRequestHeaderBytes);
  if (info_hashes.empty()) return answerable(RequestError::Reason::no_info_hashes, datagram);
  if (info_hashes.size() % InfoHash::kBytes != 0) {
    return answerable(RequestError::Reason::ragged_info_hashes, datagram);
  }
  return ScrapeRequest{.connection_id = load64(datagram, 0),
                       .transaction_id = load32(datagram, kTransactionId),
                       .info_hash_bytes = info_hashes};
}

void encode_header(ConnectionId id, Action action, TransactionId transaction_id,
                   MutableBytes out) noexcept {
  store_big_endian(out.data(), id);
  store_big_endian(out.data() + kAction, static_cast<std::uint32_t>(action));
  store_big_endian(out.data() + kTransactionId, transaction_id);
}

}  // namespace

std::string_view message_of(RequestError::Reason reason) noexcept {
  switch (reason) {
    case RequestError::Reason::malformed: return "";
    case RequestError::Reason::port_zero: return "Port can't be 0";
    case RequestError::Reason::no_info_hashes: return "Full scrapes are not allowed";
    case RequestError::Reason::ragged_info_hashes: return "Invalid info hash list";
  }
  return "";
}

Expected<Request, RequestError> decode_request(Bytes datagram) noexcept {
  static_assert(kConnectRequestBytes == kScrapeRequestHeaderBytes);
  if (datagram.size() < kConnectRequestBytes) return malformed();
  switch (static_cast<Action>(load32(datagram, kAction))) {
    case Action::connect: return decode_connect(datagram);
    case Action::announce: return decode_announce(datagram);
    case Action::scrape: return decode_scrape(datagram);
    case Action::error: break;
  }
  return malformed();
}

std::size_t encode(const ConnectRequest& request, MutableBytes out) noexcept {
  CHECK(out.size() >= kConnectRequestBytes);
  encode_header(kProtocolMagic, Action::connect, request.transaction_id, out);
  return kConnectRequestBytes;
}

std::size_t encode(const AnnounceRequest& request, MutableBytes out) noexcept {
  CHECK(out.size() >= kAnnounceRequestBytes + request.options.size());
  encode_header(request.connection_id, Action::announce, request.transaction_id, out);
  std::byte* const to = out.data();
  std::copy(request.info_hash.bytes.begin(), request.info_hash.bytes.end(), to + kInfoHash);
  std::copy(request.peer_id.bytes.begin(), request.peer_id.bytes.end(), to + kPeerId);
  store_big_endian(to + kDownloaded, static_cast<std::uint64_t>(request.downloaded));
  store_big_endian(to + kLeft, static_cast<std::uint64_t>(request.left));
  store_big_endian(to + kUploaded, static_cast<std::uint64_t>(request.uploaded));
  store_big_endian(to + kEvent, static_cast<std::uint32_t>(request.event));
  store_big_endian(to + kIp, request.ip);
  store_big_endian(to + kKey, request.key);
  store_big_endian(to + kNumWant, static_cast<std::uint32_t>(request.num_want));
  store_big_endian(to + kPort, request.port);
  std::copy(request.options.begin(), request.options.end(), to + kAnnounceRequestBytes);
  return kAnnounceRequestBytes + request.options.size();
}

std::size_t encode(const ScrapeRequest& request, MutableBytes out) noexcept {
  const std::size_t bytes = kScrapeRequestHeaderBytes + request.info_hash_bytes.size();
  CHECK(out.size() >= bytes);
  encode_header(request.connection_id, Action::scrape, request.transaction_id, out);
  std::copy(request.info_hash_bytes.begin(), request.info_hash_bytes.end(),
            out.data() + kScrapeRequestHeaderBytes);
  return bytes;
}

}  // namespace aquatic::udp
