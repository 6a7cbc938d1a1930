// SPDX-License-Identifier: Apache-2.0
// What opentracker answers at /stats?mode=…, so that whatever watched one goes on working: most of
// them in the four lines of MRTG, two numbers, how long it has been up, and a title.
//
// Control plane only.
#pragma once
#include "server/status/figures.h"
#include "server/status/status_pages.h"
#include "server/status/swarm_census.h"

namespace aquatic::server {

// `ranking` may be null: then the largest torrents are not named. What opentracker counts and we do
// not is 0.
OpentrackerTexts make_opentracker_texts(const Figures& figures,
                                        const SwarmCensus::Ranking* ranking);

}  // namespace aquatic::server
