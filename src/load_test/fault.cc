// SPDX-License-Identifier: Apache-2.0
#include "load_test/fault.h"

#include <array>
#include <cstddef>

namespace aquatic::load_test {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Fault::count)> kNames = {
    "malformed",       "unknown_transaction",  "wrong_socket",    "wrong_status",
    "wrong_action",    "missing_keys",         "wrong_family",    "own_peer",
    "too_many_peers",  "missing_peers",        "uncounted_peers", "repeated_peer",
    "impossible_peer", "wrong_scrape_entries", "wrong_torrent",   "impossible_counts",
    "altered_relay",   "repeated_relay",       "unknown_relay"};
static_assert(!kNames.back().empty());

}  // namespace

std::string_view name_of(Fault fault) noexcept { return kNames[static_cast<std::size_t>(fault)]; }

}  // namespace aquatic::load_test
