// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aquatic::server {
namespace {

using testing::HasSubstr;

TEST(WsStatus, HasTheShapeOfBittorrentTracker) {
  const StatusPages pages =
      make_ws_status({offers::Totals{.torrents = 3, .peers = 7, .seeders = 2},
                      offers::Totals{.torrents = 1, .peers = 4, .seeders = 4}});
  EXPECT_EQ(pages.json,
            R"({"torrents":4,"activeTorrents":4,"peersAll":11,"peersSeederOnly":6,)"
            R"("peersLeecherOnly":5,"peersSeederAndLeecher":0,"peersIPv4":7,"peersIPv6":4,)"
            R"("clients":{}})");
  EXPECT_THAT(pages.html, HasSubstr("<h1>4 torrents (4 active)</h1>"));
}

}  // namespace
}  // namespace aquatic::server
