// SPDX-License-Identifier: Apache-2.0
// What a client sends to a UDP tracker (BEP 15), decoded and encoded.
//
//   connect   | magic 8 | action 4 | transaction 4 |
//   announce  | connection 8 | action 4 | transaction 4 | info hash 20 | peer id 20 | downloaded 8
//             | left 8 | uploaded 8 | event 4 | ip 4 | key 4 | numwant 4 | port 2 | BEP 41 options
//   scrape    | connection 8 | action 4 | transaction 4 | info hash 20 | … |
//
// Decoded requests borrow from the bytes they were decoded from.
#pragma once
#include <variant>

#include "base/bytes.h"
#include "base/expected.h"
#include "base/info_hash.h"
#include "protocol/udp/message.h"

namespace aquatic::udp {

inline constexpr std::size_t kConnectRequestBytes = 16;
inline constexpr std::size_t kAnnounceRequestBytes = 98;
inline constexpr std::size_t kScrapeRequestHeaderBytes = 16;
// What BEP 15 allows in one scrape.
inline constexpr std::size_t kMaxScrapeTorrents = 74;

struct ConnectRequest {
  TransactionId transaction_id = 0;

  friend bool operator==(const ConnectRequest&, const ConnectRequest&) = default;
};

struct AnnounceRequest {
  ConnectionId connection_id = 0;
  TransactionId transaction_id = 0;
  InfoHash info_hash;
  PeerId peer_id;
  std::int64_t downloaded = 0;
  std::int64_t left = 0;
  std::int64_t uploaded = 0;
  Event event = Event::none;
  std::uint32_t ip = 0;  // What the client believes of himself; nobody trusts it.
  std::uint32_t key = 0;
  std::int32_t num_want = -1;  // Peers wanted; zero or less leaves it to the tracker.
  std::uint16_t port = 0;
  Bytes options;  // BEP 41; unread.
};

struct ScrapeRequest {
  ConnectionId connection_id = 0;
  TransactionId transaction_id = 0;
  Bytes info_hash_bytes;  // A multiple of InfoHash::kBytes, not empty.

  std::size_t size() const noexcept { return info_hash_bytes.size() / InfoHash::kBytes; }
  InfoHash operator[](std::size_t i) const noexcept {
    return InfoHash::copy_from(info_hash_bytes.data() + i * InfoHash::kBytes);
  }
};

using Request = std::variant<ConnectRequest, AnnounceRequest, ScrapeRequest>;

// Why a datagram is not a request. All but `malformed` come with the ids that an answer needs.
struct RequestError {
  enum class Reason : std::uint8_t {
    malformed,           // Too short, unknown action or event, wrong magic: deserves no answer.
    port_zero,           // An announce that nobody could connect to.
    no_info_hashes,      // A scrape of everything.
    ragged_info_hashes,  // A scrape whose hashes do not end on a whole one.
  };
  Reason reason = Reason::malformed;
  ConnectionId connection_id = 0;
  TransactionId transaction_id = 0;
};

// What the client is told, or an empty text where he is told nothing.
std::string_view message_of(RequestError::Reason reason) noexcept;

// Surplus bytes after a connect are ignored, after an announce they are its options.
Expected<Request, RequestError> decode_request(Bytes datagram) noexcept;

// Write the request to the front of `out` and return its length.
// Requires: `out` has room for it.
std::size_t encode(const ConnectRequest& request, MutableBytes out) noexcept;
std::size_t encode(const AnnounceRequest& request, MutableBytes out) noexcept;
std::size_t encode(const ScrapeRequest& request, MutableBytes out) noexcept;

}  // namespace aquatic::udp
