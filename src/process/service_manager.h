// SPDX-License-Identifier: Apache-2.0
// What the process tells the service manager that has started it: the protocol of sd_notify(3).
//
// Without a service manager nothing happens. Messages do not block: one that finds the manager's
// queue full is sent again later. The protocol is one datagram for each message, documented and
// promised to stay as it is: too little to depend on libsystemd for. Belongs to the thread of the
// control loop.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"

namespace aquatic::process {

class ServiceManager {
 public:
  // A longer status is cut off: it is a line for people.
  static constexpr std::size_t kMaxStatusBytes = 500;

  // Connects to what the environment names, and removes that from it, so that no child speaks for
  // us. To be made before there are other threads, which might be reading the environment, and
  // before the root directory changes. A name that leads nowhere is logged.
  ServiceManager();

  // The process does its work, for the first time or again; `status` says how it is.
  void ready(std::string_view status) noexcept;
  // It reads its files again; ready() follows.
  void reloading() noexcept;
  // It is about to end; `status` says why.
  void stopping(std::string_view status) noexcept;

  // How often keep_alive() has to be called lest the process is taken for dead: half of what the
  // manager allows. None if it does not watch.
  std::optional<std::chrono::microseconds> watchdog_period() const noexcept { return period_; }
  void keep_alive() noexcept;

  // Sends what has found the queue full, if anything: to be called now and then.
  void retry() noexcept;

 private:
  void tell(std::string message) noexcept;
  bool send(std::string_view message) const noexcept;

  FileDescriptor socket_;  // Not open without a service manager.
  std::optional<std::chrono::microseconds> period_;
  std::string unsent_;  // The last of the states, if the manager does not know of it yet.
};

}  // namespace aquatic::process
