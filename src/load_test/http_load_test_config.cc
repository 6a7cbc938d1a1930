// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_load_test_config.h"

#include <algorithm>
#include <array>

#include "load_test/common_settings.h"

namespace aquatic::load_test {
namespace {

// Torrents are as popular as those of the UDP load test.
constexpr const char* kGammaAdvice = "torrents have a fixed distribution of peers";

const std::array kOldKeys = {
    config::OldKey{"torrents.torrent_gamma_shape", kGammaAdvice},
    config::OldKey{"torrents.torrent_gamma_scale", kGammaAdvice},
};

// What cannot stand in a target as it is (RFC 3986).
bool is_target_text(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return c > ' ' && c <= '~' && c != '#' && c != '?'; });
}

}  // namespace

std::vector<std::string> validate(const HttpLoadTestConfig& config) {
  const auto& torrents = config.torrents;
  refuse(config.server_address.port == 0, "server_address has port 0: give the tracker's port");
  refuse(torrents.weight_announce + torrents.weight_scrape == 0,
         "weight_announce and weight_scrape are both 0: there is nothing to ask");
  refuse(torrents.number_of_peers < std::uint64_t{config.num_workers} * config.num_connections,
         "torrents.number_of_peers is less than there are connections: raise it, or lower "
         "num_workers or num_connections");
  refuse(config.pipelining > 1 && !config.keep_alive,
         "pipelining needs keep_alive: set one of them to its default");
  refuse(!is_target_text(config.url_suffix),
         "url_suffix has a character that cannot stand in a URL: write it as %XX");
  std::vector<std::string> notes = validate_times(config);
  if (!config.enable_tls && config.resume_tls_sessions) {
    notes.emplace_back("resume_tls_sessions is ignored without enable_tls");
  }
  return notes;
}

std::span<const config::OldKey> old_keys(const HttpLoadTestConfig&) { return kOldKeys; }

}  // namespace aquatic::load_test
