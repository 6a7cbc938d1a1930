// SPDX-License-Identifier: Apache-2.0
#include "server/config.h"

#include <stdexcept>

#include "protocol/udp/request.h"

namespace aquatic::server {
namespace {

void refuse(bool is_wrong, const char* sentence) {
  if (is_wrong) throw std::runtime_error(sentence);
}

}  // namespace

std::vector<std::string> validate(const UdpConfig& config) {
  refuse(!config.network.use_ipv4 && !config.network.use_ipv6,
         "network.use_ipv4 and network.use_ipv6 are both false: there is nothing to listen on");
  refuse(config.access_list.mode != access_list::Mode::off && config.access_list.path.empty(),
         "access_list.path is empty, but access_list.mode needs the file");
  if (config.privileges.drop_privileges) {
    refuse(config.privileges.user.empty(), "privileges.user is empty: name the user to become");
    refuse(config.privileges.group.empty(), "privileges.group is empty: name the group to become");
    refuse(config.privileges.chroot_path.empty(),
           "privileges.chroot_path is empty: name a directory, \".\" for the working directory");
  }

  std::vector<std::string> notes;
  const auto note = [&notes](bool is_due, const char* sentence) {
    if (is_due) notes.emplace_back(sentence);
  };
  note(config.cleaning.max_peer_age < config.protocol.peer_announce_interval,
       "cleaning.max_peer_age is below protocol.peer_announce_interval: peers are forgotten before "
       "they announce again");
  note(config.protocol.max_scrape_torrents > udp::kMaxScrapeTorrents,
       "protocol.max_scrape_torrents is above 74, the most that the protocol allows: 74 it is");
  const auto& statistics = config.statistics;
  note(statistics.torrent_peer_histograms,
       "statistics.torrent_peer_histograms is not available yet and ignored");
  note(statistics.peer_clients, "statistics.peer_clients is not available yet and ignored");
  note(statistics.write_html_to_file,
       "statistics.write_html_to_file is not available yet and ignored");
  note(statistics.run_prometheus_endpoint,
       "statistics.run_prometheus_endpoint is not available yet and ignored");
  note(statistics.prometheus_peer_id_prefixes,
       "statistics.prometheus_peer_id_prefixes is not available yet and ignored");
  note(config.scrape_exports.enable_scrape_exports,
       "scrape_exports.enable_scrape_exports is not available yet and ignored");
  return notes;
}

}  // namespace aquatic::server
