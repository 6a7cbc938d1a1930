// SPDX-License-Identifier: Apache-2.0
#include "load_test/outstanding_requests.h"

#include "base/check.h"

namespace aquatic::load_test {
namespace {

constexpr unsigned kIndexBits = 16;
constexpr std::uint32_t kIndexMask = (1u << kIndexBits) - 1;
static_assert(OutstandingRequests::kMaxCapacity == kIndexMask + 1);

// The part of a use count that fits beside the index.
constexpr std::uint32_t kUseMask = 0xffff;

std::uint32_t index_of(udp::TransactionId id) noexcept { return id & kIndexMask; }
std::uint32_t use_of(udp::TransactionId id) noexcept { return id >> kIndexBits; }

}  // namespace

OutstandingRequests::OutstandingRequests(std::size_t capacity)
    : capacity_(static_cast<std::uint32_t>(capacity)), slots_(capacity + 2) {
  CHECK(capacity > 0 && capacity <= kMaxCapacity);
  for (std::uint32_t i = 0; i < slots_.size(); ++i) slots_[i].previous = slots_[i].next = i;
  for (std::uint32_t i = 0; i < capacity_; ++i) move_to_end_of(free_ring(), i);
}

udp::TransactionId OutstandingRequests::add(const SentRequest& request) noexcept {
  CHECK(has_room());
  const std::uint32_t index = slots_[free_ring()].next;
  Slot& slot = slots_[index];
  slot.request = request;
  slot.state = State::outstanding;
  ++slot.use_count;
  move_to_end_of(outstanding_ring(), index);
  ++size_;
  return (slot.use_count & kUseMask) << kIndexBits | index;
}

void OutstandingRequests::withdraw(udp::TransactionId transaction_id) noexcept {
  const std::uint32_t index = index_of(transaction_id);
  CHECK(index < capacity_ && slots_[index].state == State::outstanding);
  finish(index, State::unused);
}

OutstandingRequests::Settled OutstandingRequests::settle(udp::TransactionId id) noexcept {
  const std::uint32_t index = index_of(id);
  if (index >= capacity_) return {};
  const Slot& slot = slots_[index];
  const std::uint32_t uses_since = (slot.use_count - use_of(id)) & kUseMask;
  if (uses_since >= slot.use_count) return {};  // The slot was not used so often yet.
  if (uses_since > 0) return {.match = Match::late, .request = {}};
  switch (slot.state) {
    case State::outstanding: finish(index, State::answered); return {Match::awaited, slot.request};
    case State::answered: return {.match = Match::duplicate, .request = {}};
    case State::given_up: return {.match = Match::late, .request = {}};
    case State::unused: break;
  }
  return {};
}

std::optional<SentRequest> OutstandingRequests::give_up(std::uint64_t before_ns) noexcept {
  const std::uint32_t oldest = slots_[outstanding_ring()].next;
  if (oldest == outstanding_ring() || slots_[oldest].request.due_ns >= before_ns) {
    return std::nullopt;
  }
  finish(oldest, State::given_up);
  return slots_[oldest].request;
}

void OutstandingRequests::move_to_end_of(std::uint32_t ring, std::uint32_t index) noexcept {
  Slot& slot = slots_[index];
  slots_[slot.previous].next = slot.next;
  slots_[slot.next].previous = slot.previous;
  slot.previous = slots_[ring].previous;
  slot.next = ring;
  slots_[slot.previous].next = index;
  slots_[ring].previous = index;
}

void OutstandingRequests::finish(std::uint32_t index, State state) noexcept {
  slots_[index].state = state;
  move_to_end_of(free_ring(), index);
  --size_;
}

}  // namespace aquatic::load_test
