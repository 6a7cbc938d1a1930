// SPDX-License-Identifier: Apache-2.0
// What trackers have in common, whatever they speak: the torrents, the access list, what the
// control loop does with both, and what the settings say that all of them have.
//
// Control plane; workers use the swarm, the list and the clock that it lends them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "access_list/access_list.h"
#include "base/clock.h"
#include "base/endpoint.h"
#include "base/random.h"
#include "process/privileges.h"
#include "swarm/swarm.h"

namespace aquatic::server {

struct TrackerOptions {
  access_list::Mode access_list_mode = access_list::Mode::off;
  std::string access_list_path = {};
  swarm::Options swarm;
};

template <class Config>
TrackerOptions tracker_options(const Config& config) {
  return {.access_list_mode = config.access_list.mode,
          .access_list_path = config.access_list.path,
          .swarm = {
              .max_peer_age_s = config.cleaning.max_peer_age,
              .expire_interval_s = static_cast<Seconds>(config.cleaning.torrent_cleaning_interval),
              .hash_seed = secret_seed(),
              .surveys_sizes = config.statistics.torrent_peer_histograms}};
}

class Tracker {
 public:
  // Reads the access list. Throws std::runtime_error if it cannot.
  explicit Tracker(const TrackerOptions& options);

  const Clock& clock() const noexcept { return clock_; }
  swarm::Swarm& swarm() noexcept { return swarm_; }
  const access_list::Holder& access_list() const noexcept { return access_list_; }
  Seconds max_peer_age_s() const noexcept { return options_.swarm.max_peer_age_s; }
  std::uint64_t hash_seed() const noexcept { return options_.swarm.hash_seed; }

  // Settings that were read again: of the access list.
  void set_options(const TrackerOptions& options);

  // Expires what has had its time. To be called once a second.
  void tick();
  // Throws std::runtime_error, and keeps the old list, where the file is bad.
  void reload_access_list();

 private:
  TrackerOptions options_;
  SteadyClock clock_;
  access_list::Holder access_list_;
  swarm::Swarm swarm_;
};

// The setting, or as many as there are CPUs.
std::size_t worker_count(std::uint32_t socket_workers);

// The families to listen on. IPv6 is left out, and that logged, where the machine has none; whoever
// asks for IPv6 alone is to be told so by the attempt.
std::vector<Family> families_to_open(bool use_ipv4, bool use_ipv6);

// Does what [privileges] says. Call it once all sockets and files are open.
template <class Config>
void drop_privileges(const Config& config) {
  if (!config.privileges.drop_privileges) return;
  process::drop_privileges({.root_path = config.privileges.chroot_path,
                            .group = config.privileges.group,
                            .user = config.privileges.user});
}

// Throws std::runtime_error if the access list cannot be read.
void check_access_list(const TrackerOptions& options);

}  // namespace aquatic::server
