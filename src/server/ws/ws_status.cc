// SPDX-License-Identifier: Apache-2.0
#include "server/ws/ws_status.h"

#include <fmt/format.h>

namespace aquatic::server {

// A torrent has a peer, or it is not there: all are active. A peer is one in a torrent, so none is
// a seeder and a leecher.
StatusPages make_ws_status(const std::array<offers::Totals, 2>& totals) {
  const auto& [v4, v6] = totals;
  const std::uint64_t torrents = v4.torrents + v6.torrents;
  const std::uint64_t peers = v4.peers + v6.peers;
  const std::uint64_t seeders = v4.seeders + v6.seeders;
  StatusPages pages;
  pages.json = fmt::format(
      R"({{"torrents":{},"activeTorrents":{},"peersAll":{},"peersSeederOnly":{},)"
      R"("peersLeecherOnly":{},"peersSeederAndLeecher":0,"peersIPv4":{},"peersIPv6":{},)"
      R"("clients":{{}}}})",
      torrents, torrents, peers, seeders, peers - seeders, v4.peers, v6.peers);
  pages.html = fmt::format(
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>WebTorrent tracker</title>"
      "<h1>{} torrents ({} active)</h1>\n<h2>Connected Peers: {}</h2>\n"
      "<h3>Peers Seeding Only: {}</h3>\n<h3>Peers Leeching Only: {}</h3>\n"
      "<h3>Peers Seeding &amp; Leeching: 0</h3>\n<h3>IPv4 Peers: {}</h3>\n"
      "<h3>IPv6 Peers: {}</h3>\n</html>\n",
      torrents, torrents, peers, seeders, peers - seeders, v4.peers, v6.peers);
  return pages;
}

}  // namespace aquatic::server
