// SPDX-License-Identifier: Apache-2.0
#include "server/tracker.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/log.h"
#include "net/udp_socket.h"

namespace aquatic::server {
namespace {

access_list::AccessList load_access_list(const TrackerOptions& options) {
  return access_list::AccessList::load(options.access_list_mode, options.access_list_path);
}

}  // namespace

Tracker::Tracker(const TrackerOptions& options) : options_(options), swarm_(options.swarm) {
  access_list_.replace(load_access_list(options_));
}

void Tracker::set_options(const TrackerOptions& options) {
  options_.access_list_mode = options.access_list_mode;
  options_.access_list_path = options.access_list_path;
}

void Tracker::tick() {
  const auto list = access_list_.current();
  swarm_.expire_some(clock_.now(),
                     [&](const InfoHash& info_hash) { return list->allows(info_hash); });
}

void Tracker::reload_access_list() {
  access_list::AccessList list = load_access_list(options_);
  log::info("access list read again: {} entries", list.size());
  access_list_.replace(std::move(list));
}

std::size_t worker_count(std::uint32_t socket_workers) {
  if (socket_workers > 0) return socket_workers;
  return std::max(1u, std::thread::hardware_concurrency());
}

std::vector<Family> families_to_open(bool use_ipv4, bool use_ipv6) {
  std::vector<Family> families;
  if (use_ipv4) families.push_back(Family::ipv4);
  if (!use_ipv6) return families;
  if (use_ipv4 && !net::is_supported(Family::ipv6)) {
    log::warn("this machine has no IPv6: serving IPv4 only");
  } else {
    families.push_back(Family::ipv6);
  }
  return families;
}

void check_access_list(const TrackerOptions& options) { load_access_list(options); }

}  // namespace aquatic::server
