// SPDX-License-Identifier: Apache-2.0
#include "load_test/load_tally.h"

#include <algorithm>
#include <numeric>

namespace aquatic::load_test {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(LoadCount::count)> kNames = {
    "connect_requests",
    "announce_requests",
    "scrape_requests",
    "connect_responses",
    "announce_responses",
    "scrape_responses",
    "error_responses",
    "peers",
    "lost",
    "unsent",
    "late",
    "duplicates",
    "refused",
    "send_failures",
    "receive_failures",
    "connections",
    "full_handshakes",
    "resumed_handshakes",
    "connection_failures",
    "broken_connections",
    "offers",
    "due_offers",
    "relayed_offers",
    "answers",
    "relayed_answers",
    "pings",
    "sent_bytes",
    "received_bytes"};
static_assert(!kNames.back().empty());

// Longer texts than this are cut: a report is no place for them.
constexpr std::size_t kMaxTextBytes = 100;

// A text from the network may hold anything, also what would confuse a terminal.
std::string printable(std::string_view raw) {
  std::string text(raw.substr(0, kMaxTextBytes));
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

std::string_view name_of(LoadCount count) noexcept {
  return kNames[static_cast<std::size_t>(count)];
}

void ErrorTexts::add(std::string_view raw) {
  const std::string text = printable(raw);
  const std::scoped_lock lock(mutex_);
  auto entry = counts_.find(text);
  if (entry == counts_.end()) {
    const bool has_room = counts_.size() < kMaxTexts;
    entry = counts_.try_emplace(has_room ? text : std::string(kOther)).first;
  }
  ++entry->second;
}

void ErrorTexts::add_to(std::map<std::string, std::uint64_t>& counts) const {
  const std::scoped_lock lock(mutex_);
  for (const auto& [text, count] : counts_) counts[text] += count;
}

std::uint64_t LoadCounts::requests() const noexcept {
  return (*this)[LoadCount::connect_requests] + (*this)[LoadCount::announce_requests] +
         (*this)[LoadCount::scrape_requests];
}

std::uint64_t LoadCounts::responses() const noexcept {
  return (*this)[LoadCount::connect_responses] + (*this)[LoadCount::announce_responses] +
         (*this)[LoadCount::scrape_responses] + (*this)[LoadCount::error_responses] +
         (*this)[LoadCount::relayed_offers] + (*this)[LoadCount::relayed_answers];
}

std::uint64_t LoadCounts::wrong_responses() const noexcept {
  return std::accumulate(faults.begin(), faults.end(), std::uint64_t{0});
}

void LoadCounts::add(const LoadTally& tally) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] += tally.counts.get(static_cast<LoadCount>(i));
  }
  for (std::size_t i = 0; i < faults.size(); ++i) {
    faults[i] += tally.faults.get(static_cast<Fault>(i));
  }
  tally.latency.add_to(latency);
  tally.offer_latency.add_to(offer_latency);
  tally.answer_latency.add_to(answer_latency);
  tally.error_texts.add_to(error_texts);
}

LoadCounts& LoadCounts::operator-=(const LoadCounts& earlier) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] -= earlier.counts[i];
  for (std::size_t i = 0; i < faults.size(); ++i) faults[i] -= earlier.faults[i];
  latency -= earlier.latency;
  offer_latency -= earlier.offer_latency;
  answer_latency -= earlier.answer_latency;
  for (const auto& [text, count] : earlier.error_texts) {
    const auto entry = error_texts.find(text);
    if (entry != error_texts.end() && (entry->second -= count) == 0) error_texts.erase(entry);
  }
  return *this;
}

}  // namespace aquatic::load_test
