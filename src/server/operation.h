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
#include "server/status/status_options.h"
#include "server/status/status_publisher.h"
#include "server/tracker.h"

namespace aquatic::server {

class Operation {
 public:
  // Blocks signals for all threads to come, and reads the access list. Throws std::runtime_error if
  // it cannot.
  Operation(const TrackerOptions& options, StatusOptions status_options)
      : status_options_(std::move(status_options)), tracker_(options) {}

  Tracker& tracker() noexcept { return tracker_; }
  // Whether workers are to measure how long they take.
  Timing timing() const noexcept { return status_options_.timing(); }
  // What the tracker tells of itself, made anew each second.
  StatusPublisher& status() noexcept { return status_; }
  // Returns it. It lives as long as this.
  template <class AnyService>
  AnyService& add(std::unique_ptr<AnyService> service) {
    AnyService& added = *service;
    services_.push_back(std::move(service));
    return added;
  }

  // Starts the services, prints where they serve and works until told to stop. When told to reload,
  // calls `reload_settings`, which passes on what is new, then reads every file that the settings
  // name. Throws std::runtime_error if a service cannot start, or a worker dies.
  void run(const std::function<void()>& reload_settings);

  // Settings that were read again.
  void set_options(const TrackerOptions& tracker, StatusOptions status);

 private:
  void tick();
  void reload_files();
  void print_statistics();

  StatusOptions status_options_;
  process::Signals signals_;
  Tracker tracker_;
  StatusPublisher status_;
  std::vector<std::unique_ptr<Service>> services_;
  process::Workers threads_;  // Last, so that they end before what they use.
};

}  // namespace aquatic::server
