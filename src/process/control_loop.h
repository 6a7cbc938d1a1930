// SPDX-License-Identifier: Apache-2.0
// What the main thread does while the workers work: signals, a regular tick, supervision, and
// telling the service manager about it.
#pragma once
#include <chrono>
#include <functional>

#include "process/signals.h"
#include "process/workers.h"

namespace aquatic::process {

struct ControlCallbacks {
  // Cleaning, statistics and the like. What it throws ends the loop.
  std::function<void()> on_tick = [] {};
  // SIGUSR1. What it throws, a sentence on what stays as it was, goes to the log and to the service
  // manager.
  std::function<void()> on_reload = [] {};
  // Asked after each tick: true ends the loop as SIGTERM would.
  std::function<bool()> is_done = [] { return false; };
  // A tick that comes late is not made up for by further ones.
  std::chrono::milliseconds tick_period = std::chrono::seconds(1);
};

// Returns when SIGTERM or SIGINT asks the process to stop; the next of these then ends it at once.
// Throws std::runtime_error with name and reason as soon as a worker has failed. To the service
// manager the process is ready when the loop begins, stops when it ends, and is alive in between as
// long as the loop turns and no worker has failed or hangs.
void run_control_loop(Signals& signals, Workers& workers, const ControlCallbacks& callbacks);

}  // namespace aquatic::process
