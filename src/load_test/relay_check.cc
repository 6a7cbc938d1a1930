// SPDX-License-Identifier: Apache-2.0
#include "load_test/relay_check.h"

namespace aquatic::load_test {
namespace {

using Kind = SessionDescription::Kind;
using Result = Expected<RelayCheck::Relayed, Fault>;
using Arrival = OfferLedger::Arrival;

Unexpected<Fault> refuse(Fault fault) noexcept { return Unexpected<Fault>(fault); }

Result result_of(const OfferOrigin& offer, std::uint64_t sent_ns, Arrival arrival) noexcept {
  switch (arrival) {
    case Arrival::repeated: return refuse(Fault::repeated_relay);
    case Arrival::unknown: return refuse(Fault::unknown_relay);
    default: return RelayCheck::Relayed{offer, sent_ns, arrival == Arrival::forgotten};
  }
}

}  // namespace

RelayCheck::RelayCheck(const WsPeers& peers, OfferLedger& ledger, std::size_t sdp_bytes)
    : peers_(peers),
      ledger_(ledger),
      offer_text_(Kind::offer, sdp_bytes),
      answer_text_(Kind::answer, sdp_bytes) {}

Result RelayCheck::check(const ws::RelayedOffer& offer, std::uint32_t receiver) noexcept {
  const OfferOrigin origin = origin_of(offer.offer_id);
  if (origin.connection >= peers_.busy_count()) return refuse(Fault::unknown_relay);
  if (origin.connection == receiver) return refuse(Fault::own_peer);
  const auto note = offer_text_.read(offer.sdp);
  const SessionDescription::Note expected{
      .offer_id = offer.offer_id, .connection = origin.connection, .sent_ns = origin.sent_ns};
  if (note != expected || offer.peer_id != Population::peer_id(origin.connection) ||
      offer.info_hash != Population::info_hash(origin.torrent)) {
    return refuse(Fault::altered_relay);
  }
  if (!peers_.has(receiver, origin.torrent)) return refuse(Fault::wrong_socket);
  return result_of(origin, origin.sent_ns, ledger_.relay(origin.connection, origin.serial));
}

Result RelayCheck::check(const ws::RelayedAnswer& answer, std::uint32_t receiver) noexcept {
  const OfferOrigin origin = origin_of(answer.offer_id);
  if (origin.connection >= peers_.busy_count()) return refuse(Fault::unknown_relay);
  if (origin.connection != receiver) return refuse(Fault::wrong_socket);
  const auto note = answer_text_.read(answer.sdp);
  if (!note || note->offer_id != answer.offer_id || note->connection >= peers_.count() ||
      answer.peer_id != Population::peer_id(note->connection) ||
      answer.info_hash != Population::info_hash(origin.torrent)) {
    return refuse(Fault::altered_relay);
  }
  if (note->connection == receiver) return refuse(Fault::own_peer);
  return result_of(origin, note->sent_ns, ledger_.answer(origin.connection, origin.serial));
}

}  // namespace aquatic::load_test
