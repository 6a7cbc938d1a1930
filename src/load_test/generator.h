// SPDX-License-Identifier: Apache-2.0
// One worker of a load test, whatever the protocol: sends requests, checks the responses and
// counts both.
#pragma once
#include <cstdint>
#include <stop_token>

#include "load_test/load_tally.h"

namespace aquatic::load_test {

class Generator {
 public:
  virtual ~Generator() = default;

  // The body of the worker's thread: goes on until it is told to stop.
  virtual void run(const std::stop_token& stop) = 0;

  // By any thread.
  virtual const LoadTally& tally() const noexcept = 0;
  // Whether everything is set up, and what it does from now on counts.
  virtual bool is_ready() const noexcept { return true; }
  // Connections that are open right now; 0 where they are not counted.
  virtual std::uint64_t open_connections() const noexcept { return 0; }
  // What the kernel dropped on our sockets; nothing of streams.
  virtual std::uint64_t kernel_drops() const noexcept { return 0; }
};

}  // namespace aquatic::load_test
