// SPDX-License-Identifier: Apache-2.0
#include "load_test/ws_load_test_config.h"

#include <array>
#include <limits>

#include "load_test/common_settings.h"

namespace aquatic::load_test {
namespace {

constexpr const char* kGammaAdvice = "torrents have a fixed distribution of peers";

const std::array kOldKeys = {
    config::OldKey{"torrents.torrent_gamma_shape", kGammaAdvice},
    config::OldKey{"torrents.torrent_gamma_scale", kGammaAdvice},
};

}  // namespace

std::vector<std::string> validate(const WsLoadTestConfig& config) {
  const auto& torrents = config.torrents;
  const std::uint64_t peers = std::uint64_t{config.num_workers} *
                              config.num_connections_per_worker * torrents.torrents_per_connection;
  refuse(config.server_address.port == 0, "server_address has port 0: give the tracker's port");
  refuse(torrents.weight_announce + torrents.weight_scrape == 0,
         "weight_announce and weight_scrape are both 0: there is nothing to ask");
  refuse(peers > std::numeric_limits<std::uint32_t>::max(),
         "there are more than 4294967295 peers: lower num_workers, num_connections_per_worker or "
         "torrents.torrents_per_connection");
  std::vector<std::string> notes = validate_times(config);
  if (!config.enable_tls && config.resume_tls_sessions) {
    notes.emplace_back("resume_tls_sessions is ignored without enable_tls");
  }
  return notes;
}

std::span<const config::OldKey> old_keys(const WsLoadTestConfig&) { return kOldKeys; }

}  // namespace aquatic::load_test
