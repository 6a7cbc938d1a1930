// SPDX-License-Identifier: Apache-2.0
// The signals that the process acts on, as something to wait for.
//
// SIGTERM and SIGINT ask it to stop, SIGUSR1 to read its files again. Make one before any other
// thread exists: threads inherit what is blocked. SIGPIPE is ignored from then on, since a peer
// that went away is an error of a write, not of the process.
//
// They are what the process is told from outside; what it tells in turn goes to the service
// manager, which has to be found as early, and so is kept here, too.
#pragma once
#include <signal.h>

#include <optional>

#include "base/file_descriptor.h"
#include "process/service_manager.h"

namespace aquatic::process {

class Signals {
 public:
  // Blocks the signals: from here on they wait to be taken.
  Signals();
  // Unblocks them again.
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Readable when there is a signal to take.
  int fd() const noexcept { return fd_.get(); }
  // The next signal, if there is one.
  std::optional<int> take();
  // From now on the next SIGTERM or SIGINT ends the process at once: for the time of a clean stop,
  // which might hang.
  void let_stop_signals_kill();

  ServiceManager& service_manager() noexcept { return service_manager_; }

 private:
  sigset_t before_;
  FileDescriptor fd_;
  ServiceManager service_manager_;
};

}  // namespace aquatic::process
