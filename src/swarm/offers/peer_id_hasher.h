// SPDX-License-Identifier: Apache-2.0
// Keyed hashes of what peers choose themselves: anybody may choose his peer id and his offer ids,
// nobody may choose the bucket that they lead to, or make two offers look the same.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/fold_multiply.h"
#include "base/info_hash.h"
#include "base/random.h"

namespace aquatic::offers {

class PeerIdHasher {
 public:
  // What Boost's tables need not mix again.
  using is_avalanching = void;

  // Same secret, same functions.
  explicit PeerIdHasher(std::uint64_t secret) noexcept {
    Random random(secret);
    for (std::uint64_t& key : keys_) key = random();
  }

  std::uint64_t operator()(const PeerId& peer_id) const noexcept {
    return hash(peer_id.bytes, keys_[4]);
  }
  // Of an offer as it was made to one peer.
  std::uint64_t tag(const PeerId& receiver, const OfferId& offer_id) const noexcept {
    return hash(offer_id.bytes, operator()(receiver));
  }
  // Of an address.
  std::uint64_t tag(const IpAddress& ip) const noexcept {
    std::array<std::byte, PeerId::kBytes> bytes{};
    const std::span<const std::byte> address = ip.bytes();
    std::memcpy(bytes.data(), address.data(), address.size());
    bytes.back() = std::byte{ip.is_v4()};
    return hash(bytes, keys_[5]);
  }

 private:
  std::uint64_t hash(const std::array<std::byte, PeerId::kBytes>& bytes,
                     std::uint64_t start) const noexcept {
    const std::uint64_t head =
        fold_multiply(load_native<std::uint64_t>(bytes.data()) ^ keys_[0] ^ start,
                      load_native<std::uint64_t>(bytes.data() + 8) ^ keys_[1]);
    const std::uint64_t tail = load_native<std::uint32_t>(bytes.data() + 16);
    return fold_multiply(head ^ keys_[2], tail ^ keys_[3]);
  }

  std::array<std::uint64_t, 6> keys_;
};

}  // namespace aquatic::offers
