// SPDX-License-Identifier: Apache-2.0
// A tracker at work: its services, and the control loop that looks after them.
//
// The main thread's. The order matters, and is the same for every tracker: signals, open what
// needs privileges, drop them, start workers, serve.
#pragma once
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "process/control_loop.h"
#include "process/signals.h"
#include "process/workers.h"
#include "server/service.h"
#include "server/status/status_board.h"
#include "server/status/status_options.h"
#include "server/surroundings.h"
#include "server/tracker.h"

namespace aquatic::server {

class Operation {
 public:
  // Blocks signals for all threads to come, reads the access list, and opens the address of the
  // status pages. Throws std::runtime_error if it cannot.
  Operation(const TrackerOptions& options, StatusOptions status_options);

  Tracker& tracker() noexcept { return tracker_; }
  // For services, which have to be made before privileges are dropped.
  Surroundings surroundings() noexcept { return {tracker_, status_, sockets_}; }
  // Returns it. It lives as long as this.
  template <class AnyService>
  AnyService& add(std::unique_ptr<AnyService> service) {
    AnyService& added = *service;
    services_.push_back(std::move(service));
    return added;
  }

  // Starts the services, prints where they serve and works until told to stop. When told to reload,
  // calls `reload_settings`, which passes on what is new or throws, then reads every file that the
  // settings name; what is wrong with one of them keeps none of the others. Throws
  // std::runtime_error if a service cannot start, or a worker dies.
  void run(const std::function<void()>& reload_settings);

  // Settings that were read again.
  void set_options(const TrackerOptions& tracker, const StatusOptions& status);

 private:
  void tick();
  void reload(const std::function<void()>& reload_settings);

  // First: what it is told to take over must not be a descriptor that was opened here meanwhile.
  net::InheritedSockets sockets_;
  process::Signals signals_;
  Tracker tracker_;
  StatusBoard status_;
  std::vector<std::unique_ptr<Service>> services_;
  process::Workers threads_;  // Last, so that they end before what they use.
};

}  // namespace aquatic::server
