// SPDX-License-Identifier: Apache-2.0
// Whether an offer or an answer that a tracker relays is one that was sent, unaltered, to whom it
// was meant for, and for the first time.
//
// Belongs to one worker; borrows peers and ledger.
#pragma once
#include <cstdint>

#include "base/expected.h"
#include "load_test/fault.h"
#include "load_test/offer_ledger.h"
#include "load_test/offer_origin.h"
#include "load_test/session_description.h"
#include "load_test/ws_peers.h"
#include "protocol/ws/response.h"

namespace aquatic::load_test {

class RelayCheck {
 public:
  // `sdp_bytes` as in the settings.
  RelayCheck(const WsPeers& peers, OfferLedger& ledger, std::size_t sdp_bytes);

  // What is known of a right one.
  struct Relayed {
    OfferOrigin offer;
    std::uint64_t sent_ns = 0;  // When the peer behind it sent it.
    bool is_too_old = false;    // So many offers ago that nobody knows whether it is the first.
  };

  // What has arrived on the connection `receiver`, or the first fault found.
  Expected<Relayed, Fault> check(const ws::RelayedOffer& offer, std::uint32_t receiver) noexcept;
  Expected<Relayed, Fault> check(const ws::RelayedAnswer& answer, std::uint32_t receiver) noexcept;

 private:
  const WsPeers& peers_;
  OfferLedger& ledger_;
  SessionDescription offer_text_;
  SessionDescription answer_text_;
};

}  // namespace aquatic::load_test
