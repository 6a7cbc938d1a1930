// SPDX-License-Identifier: Apache-2.0
#include "load_test/offer_ledger.h"

#include "base/check.h"

namespace aquatic::load_test {

OfferLedger::OfferLedger(std::uint32_t connection_count)
    : connection_count_(connection_count), slots_(std::size_t{connection_count} * kRemembered) {}

void OfferLedger::make(std::uint32_t connection, std::uint32_t serial) noexcept {
  CHECK(connection < connection_count_ && serial > 0);
  slot_of(connection, serial).store(pack(serial, State::made), std::memory_order_relaxed);
}

OfferLedger::Arrival OfferLedger::relay(std::uint32_t connection, std::uint32_t serial) noexcept {
  return arrive(connection, serial, State::made, State::relayed);
}

OfferLedger::Arrival OfferLedger::answer(std::uint32_t connection, std::uint32_t serial) noexcept {
  return arrive(connection, serial, State::relayed, State::answered);
}

// The slot has to be right, and nothing else depends on it: relaxed will do. What the tracker sends
// comes after what was sent to it.
OfferLedger::Arrival OfferLedger::arrive(std::uint32_t connection, std::uint32_t serial,
                                         State before, State after) noexcept {
  if (connection >= connection_count_ || serial == 0) return Arrival::unknown;
  Slot& slot = slot_of(connection, serial);
  std::uint64_t found = pack(serial, before);
  if (slot.compare_exchange_strong(found, pack(serial, after), std::memory_order_relaxed)) {
    return Arrival::first;
  }
  const auto found_serial = static_cast<std::uint32_t>(found >> 32);
  if (found_serial > serial) return Arrival::forgotten;
  if (found_serial < serial) return Arrival::unknown;
  return found > pack(serial, before) ? Arrival::repeated : Arrival::unknown;
}

OfferLedger::Slot& OfferLedger::slot_of(std::uint32_t connection, std::uint32_t serial) noexcept {
  return slots_[std::size_t{connection} * kRemembered + serial % kRemembered];
}

}  // namespace aquatic::load_test
