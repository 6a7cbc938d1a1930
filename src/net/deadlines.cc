// SPDX-License-Identifier: Apache-2.0
#include "net/deadlines.h"

namespace aquatic::net {
namespace {

constexpr std::size_t index_of(Wait wait) noexcept { return static_cast<std::size_t>(wait); }

}  // namespace

void Deadlines::set(Slot slot, Wait wait, Seconds now) {
  if (slot >= nodes_.size()) nodes_.resize(slot + std::size_t{1});
  Node& node = nodes_[slot];
  // A busy stream begins the same wait many times a second: its place is the same.
  if (node.wait == wait && node.since == now) return;
  unlink(slot);
  Queue& queue = queues_[index_of(wait)];
  node = {.previous = queue.last, .next = kNone, .since = now, .wait = wait};
  (queue.last == kNone ? queue.first : nodes_[queue.last].next) = slot;
  queue.last = slot;
}

std::optional<Wait> Deadlines::wait_of(Slot slot) const noexcept {
  if (slot >= nodes_.size() || nodes_[slot].wait == Wait::count) return std::nullopt;
  return nodes_[slot].wait;
}

void Deadlines::clear(Slot slot) noexcept {
  if (slot < nodes_.size()) unlink(slot);
}

std::optional<Deadlines::Slot> Deadlines::due(Seconds now) const noexcept {
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    const Slot first = queues_[i].first;
    if (first != kNone && now - nodes_[first].since > limits_[i]) return first;
  }
  return std::nullopt;
}

void Deadlines::unlink(Slot slot) noexcept {
  Node& node = nodes_[slot];
  if (node.wait == Wait::count) return;
  Queue& queue = queues_[index_of(node.wait)];
  (node.previous == kNone ? queue.first : nodes_[node.previous].next) = node.next;
  (node.next == kNone ? queue.last : nodes_[node.next].previous) = node.previous;
  node = {};
}

}  // namespace aquatic::net
