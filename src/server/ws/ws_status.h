// SPDX-License-Identifier: Apache-2.0
// The status pages of the WebTorrent tracker: figures of all torrents together, in the shape that
// bittorrent-tracker gives them.
//
// Control plane only.
#pragma once
#include <array>

#include "server/http/status_pages.h"
#include "swarm/offers/signalling.h"

namespace aquatic::server {

// `totals` by family.
StatusPages make_ws_status(const std::array<offers::Totals, 2>& totals);

}  // namespace aquatic::server
