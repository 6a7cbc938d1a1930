// SPDX-License-Identifier: Apache-2.0
// What the settings of all trackers have in common: words for values, and what may be wrong with
// them. The settings themselves are in udp_config.h and its like; what each means stands in the
// .def file of its tracker.
#pragma once
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access_list/mode.h"
#include "base/log.h"
#include "config/settings.h"
#include "config/types.h"

namespace aquatic::server {

// Throws std::runtime_error with the sentence.
inline void refuse_if(bool is_wrong, const char* sentence) {
  if (is_wrong) throw std::runtime_error(sentence);
}

// The same for what the sections say that all trackers have.
template <class Config>
void refuse_contradictions(const Config& config) {
  refuse_if(!config.network.use_ipv4 && !config.network.use_ipv6,
            "network.use_ipv4 and network.use_ipv6 are both false: there is nothing to listen on");
  refuse_if(config.access_list.mode != access_list::Mode::off && config.access_list.path.empty(),
            "access_list.path is empty, but access_list.mode needs the file");
  if (config.privileges.drop_privileges) {
    refuse_if(config.privileges.user.empty(), "privileges.user is empty: name the user to become");
    refuse_if(config.privileges.group.empty(),
              "privileges.group is empty: name the group to become");
    refuse_if(config.privileges.chroot_path.empty(),
              "privileges.chroot_path is empty: name a directory, \".\" for the working directory");
  }
}

// What else the operator should know, a sentence each.
class Notes {
 public:
  void add(bool is_due, std::string sentence) {
    if (is_due) notes_.push_back(std::move(sentence));
  }

  template <class Config>
  void add_if_peers_go_too_soon(const Config& config) {
    add(config.cleaning.max_peer_age < config.protocol.peer_announce_interval,
        "cleaning.max_peer_age is below protocol.peer_announce_interval: peers are forgotten "
        "before they announce again");
  }

  std::vector<std::string> take() { return std::move(notes_); }

 private:
  std::vector<std::string> notes_;
};

}  // namespace aquatic::server

template <>
inline constexpr std::array<std::string_view, 3>
    aquatic::config::kWords<aquatic::access_list::Mode> = {"off", "allow", "deny"};
