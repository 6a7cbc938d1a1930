// SPDX-License-Identifier: Apache-2.0
// What became of the latest offers of each connection, so that no offer and no answer arrives twice
// or out of nowhere. Any worker may tell what has arrived.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace aquatic::load_test {

class OfferLedger {
 public:
  // Offers of a connection that are remembered: those of a hundred announces. Later ones take their
  // places.
  static constexpr std::uint32_t kRemembered = 1024;

  enum class Arrival : std::uint8_t {
    first,
    repeated,
    unknown,    // Nobody made the offer; for an answer: it has not arrived anywhere.
    forgotten,  // Too long ago.
  };

  explicit OfferLedger(std::uint32_t connection_count);

  // The connection makes an offer. Requires: serials count up from 1.
  void make(std::uint32_t connection, std::uint32_t serial) noexcept;
  // The offer has arrived at another peer; its answer at who made it.
  Arrival relay(std::uint32_t connection, std::uint32_t serial) noexcept;
  Arrival answer(std::uint32_t connection, std::uint32_t serial) noexcept;

 private:
  enum class State : std::uint32_t { made, relayed, answered };
  using Slot = std::atomic<std::uint64_t>;  // Serial and State; 0 is none.

  static constexpr std::uint64_t pack(std::uint32_t serial, State state) noexcept {
    return std::uint64_t{serial} << 32 | static_cast<std::uint32_t>(state);
  }
  Slot& slot_of(std::uint32_t connection, std::uint32_t serial) noexcept;
  Arrival arrive(std::uint32_t connection, std::uint32_t serial, State before,
                 State after) noexcept;

  std::uint32_t connection_count_;
  std::vector<Slot> slots_;
};

}  // namespace aquatic::load_test
