// SPDX-License-Identifier: Apache-2.0
// What the id of an offer says to those who made it: who offers what, and since when. So whoever
// of us gets a relayed offer or answer knows what it has to be, and nothing is to be looked up.
#pragma once
#include <cstdint>

#include "base/info_hash.h"

namespace aquatic::load_test {

struct OfferOrigin {
  std::uint32_t connection = 0;  // Its number in the whole load test.
  std::uint32_t torrent = 0;
  std::uint32_t serial = 0;   // Of the connection's offers, from 1 on.
  std::uint64_t sent_ns = 0;  // When it was made.

  friend bool operator==(const OfferOrigin&, const OfferOrigin&) = default;
};

// They are each other's inverse: every id has an origin, if only one that cannot be.
OfferId offer_id_of(const OfferOrigin& origin) noexcept;
OfferOrigin origin_of(const OfferId& offer_id) noexcept;

}  // namespace aquatic::load_test
