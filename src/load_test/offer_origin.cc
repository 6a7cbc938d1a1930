// SPDX-License-Identifier: Apache-2.0
#include "load_test/offer_origin.h"

#include "base/bytes.h"
#include "base/random.h"

namespace aquatic::load_test {
namespace {

constexpr std::size_t kTorrentAt = sizeof(OfferOrigin::connection);
constexpr std::size_t kSerialAt = kTorrentAt + sizeof(OfferOrigin::torrent);
constexpr std::size_t kSentAt = kSerialAt + sizeof(OfferOrigin::serial);
static_assert(kSentAt + sizeof(OfferOrigin::sent_ns) == OfferId::kBytes);

// Ids of real peers are random bytes, half of which JSON needs two bytes for. Small numbers have
// many zeros, which take six; so they are combined with bytes that vary with the low ones.
constexpr std::uint64_t kMaskSeed = 0x6f666665722121;

void toggle_mask(OfferId& id) noexcept {
  // The last bytes, of the nanoseconds, differ from offer to offer: they choose the mask.
  const auto last = load_big_endian<std::uint16_t>(id.bytes.data() + OfferId::kBytes - 2);
  Random random(kMaskSeed + last);
  for (std::size_t i = 0; i < OfferId::kBytes - 2; ++i) {
    id.bytes[i] ^= static_cast<std::byte>(random());
  }
}

}  // namespace

OfferId offer_id_of(const OfferOrigin& origin) noexcept {
  OfferId id;
  store_big_endian(id.bytes.data(), origin.connection);
  store_big_endian(id.bytes.data() + kTorrentAt, origin.torrent);
  store_big_endian(id.bytes.data() + kSerialAt, origin.serial);
  store_big_endian(id.bytes.data() + kSentAt, origin.sent_ns);
  toggle_mask(id);
  return id;
}

OfferOrigin origin_of(const OfferId& offer_id) noexcept {
  OfferId id = offer_id;
  toggle_mask(id);
  return {.connection = load_big_endian<std::uint32_t>(id.bytes.data()),
          .torrent = load_big_endian<std::uint32_t>(id.bytes.data() + kTorrentAt),
          .serial = load_big_endian<std::uint32_t>(id.bytes.data() + kSerialAt),
          .sent_ns = load_big_endian<std::uint64_t>(id.bytes.data() + kSentAt)};
}

}  // namespace aquatic::load_test
