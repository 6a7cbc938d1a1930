// SPDX-License-Identifier: Apache-2.0
#include "load_test/udp_load_test_config.h"

#include <array>

#include "load_test/common_settings.h"
#include "load_test/outstanding_requests.h"

namespace aquatic::load_test {
namespace {

const std::array kOldKeys = {
    config::OldKey{"cpu_pinning", "start the load test under taskset"},
};

}  // namespace

std::vector<std::string> validate(const UdpLoadTestConfig& config) {
  const auto& requests = config.requests;
  const std::uint64_t sockets = config.network.sockets_per_worker;
  refuse(config.server_address.port == 0, "server_address has port 0: give the tracker's port");
  refuse(requests.weight_connect + requests.weight_announce + requests.weight_scrape == 0,
         "weight_connect, weight_announce and weight_scrape are all 0: there is nothing to ask");
  refuse(requests.number_of_peers < config.workers * sockets,
         "requests.number_of_peers is less than there are sockets: raise it, or lower workers or "
         "network.sockets_per_worker");
  refuse(config.rate == 0 && sockets * config.outstanding > OutstandingRequests::kMaxCapacity,
         "network.sockets_per_worker times outstanding is above 65536, more than a worker can "
         "keep account of: lower one of them");
  return validate_times(config);
}

std::span<const config::OldKey> old_keys(const UdpLoadTestConfig&) { return kOldKeys; }

}  // namespace aquatic::load_test
