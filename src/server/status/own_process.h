// SPDX-License-Identifier: Apache-2.0
// What the system tells about this process, from /proc and the process's clock and limits.
//
// Made before privileges are dropped, since another root directory need not have a /proc; figures
// come later, from the files that were opened then. For one thread, of the control plane.
#pragma once
#include <dirent.h>

#include <memory>
#include <optional>

#include "base/file_descriptor.h"
#include "server/status/figures.h"

namespace aquatic::server {

class OwnProcess {
 public:
  // Never fails: without a /proc there are no figures.
  OwnProcess();

  // Now. Nothing where the system does not tell all of it.
  std::optional<ProcessFigures> figures() const noexcept;

 private:
  struct Close {
    void operator()(DIR* folder) const noexcept { closedir(folder); }
  };

  std::optional<double> start_unix_time_s_;
  FileDescriptor sizes_;                  // /proc/self/statm
  std::unique_ptr<DIR, Close> open_fds_;  // /proc/self/fd
};

}  // namespace aquatic::server
