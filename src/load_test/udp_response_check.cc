// SPDX-License-Identifier: Apache-2.0
#include "load_test/udp_response_check.h"

#include <type_traits>

namespace aquatic::load_test {

std::optional<Fault> check(const UdpExpectation& expected, const udp::Response& response,
                           Depth depth) noexcept {
  if (std::holds_alternative<udp::ErrorResponse>(response)) return std::nullopt;
  // The alternatives of a response stand in the order of the actions.
  static_assert(std::is_same_v<std::variant_alternative_t<2, udp::Response>, udp::ScrapeResponse>);
  if (response.index() != static_cast<std::size_t>(expected.action)) return Fault::wrong_action;
  if (const auto* announce = std::get_if<udp::AnnounceResponse>(&response)) {
    return check(
        expected.announce,
        {.seeders = announce->seeders, .leechers = announce->leechers, .peers = announce->peers},
        depth);
  }
  if (const auto* scrape = std::get_if<udp::ScrapeResponse>(&response)) {
    if (scrape->size() != expected.torrents) return Fault::wrong_scrape_entries;
  }
  return std::nullopt;
}

}  // namespace aquatic::load_test
