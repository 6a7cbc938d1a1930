// SPDX-License-Identifier: Apache-2.0
// A part of a tracker: the sockets and workers of some protocols, and what they count.
//
// Control plane. A service opens files and sockets when it is made; all of a process exist before
// privileges are dropped, and only then any of them starts.
#pragma once
#include <chrono>
#include <string>

#include "process/workers.h"
#include "server/status/figures.h"

namespace aquatic::server {

class Service {
 public:
  virtual ~Service() = default;

  // Starts the workers, as who serves: privileges are dropped. Throws std::runtime_error.
  virtual void start(process::Workers& threads) = 0;
  // Where it serves, a line each, such as "udp://127.0.0.1:3000/announce".
  virtual std::string urls() const = 0;

  // To be called once a second.
  virtual void tick() {}
  // Reads certificate and key again, where there are any. Throws std::runtime_error, and keeps the
  // old ones, where they are bad.
  virtual void reload_files() {}

  // Adds what it knows of itself.
  virtual void collect(Figures& figures) const = 0;
  // The statistics as text for people: rates since the last report, and totals.
  virtual std::string report(std::chrono::steady_clock::time_point now) = 0;
};

}  // namespace aquatic::server
