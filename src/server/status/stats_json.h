// SPDX-License-Identifier: Apache-2.0
// What a tracker knows of itself, as JSON: for programs (/stats.json), and for the page.
//
// Names of clients come from strangers: here they are texts as any other, and whoever shows them
// has to treat them as such. Control plane only.
#pragma once
#include <string>

#include "server/status/figures.h"
#include "server/status/history.h"

namespace aquatic::server {

// Everything, and first what bittorrent-tracker tells at its /stats.json, under the same names.
// What it counts and we do not is null.
std::string make_stats_json(const Figures& figures, const Sample& rates);

// What changes each second, as an event of the kind "second" (server-sent events, as HTML has
// them). Series that are 0 are left out.
std::string make_stats_event(const Figures& figures, const Sample& rates);

// Series as arrays, oldest first. Series that are 0 throughout are left out.
std::string make_history_json(const History::Points& points);

}  // namespace aquatic::server
