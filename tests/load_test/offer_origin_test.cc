// SPDX-License-Identifier: Apache-2.0
#include "load_test/offer_origin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

namespace aquatic::load_test {
namespace {

TEST(OfferOrigin, ComesBackFromItsId) {
  constexpr std::uint32_t kMax = std::numeric_limits<std::uint32_t>::max();
  for (const OfferOrigin origin :
       {OfferOrigin{}, OfferOrigin{1, 2, 3, 4},
        OfferOrigin{kMax, kMax, kMax, std::numeric_limits<std::uint64_t>::max()}}) {
    EXPECT_EQ(origin_of(offer_id_of(origin)), origin);
  }
}

TEST(OfferOrigin, EachHasItsOwnId) {
  std::set<OfferId> ids;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    ids.insert(offer_id_of({.connection = i % 10, .torrent = 1, .serial = i / 10, .sent_ns = 5}));
  }
  EXPECT_EQ(ids.size(), 1000u);
}

// As in real ids, about one byte in eight is a control character, for which JSON needs six.
TEST(OfferOrigin, IdsAreNoMoreThanRandomlyLongInJson) {
  std::size_t control_characters = 0;
  for (std::uint64_t ns = 0; ns < 1000; ++ns) {
    const OfferId id = offer_id_of({.connection = 1, .serial = 1, .sent_ns = ns * 7919});
    control_characters += static_cast<std::size_t>(
        std::ranges::count_if(id.bytes, [](std::byte byte) { return byte < std::byte{0x20}; }));
  }
  EXPECT_LT(control_characters, 1000 * OfferId::kBytes / 5);
}

}  // namespace
}  // namespace aquatic::load_test
