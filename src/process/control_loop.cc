// SPDX-License-Identifier: Apache-2.0
#include "process/control_loop.h"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "base/log.h"
#include "process/system_error.h"

namespace aquatic::process {
namespace {

FileDescriptor open_timer(std::chrono::milliseconds period) {
  FileDescriptor timer(
      checked(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create"));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(period);
  const std::chrono::nanoseconds rest = period - seconds;
  const timespec interval{.tv_sec = seconds.count(), .tv_nsec = rest.count()};
  const itimerspec spec{.it_interval = interval, .it_value = interval};
  checked(timerfd_settime(timer.get(), 0, &spec, nullptr), "timerfd_settime");
  return timer;
}

void reload(const std::function<void()>& on_reload) {
  try {
    on_reload();
  } catch (const std::exception& error) {
    log::error("reload failed, nothing has changed: {}", error.what());
  }
}

// Returns whether the process was asked to stop.
bool handle_signals(Signals& signals, const std::function<void()>& on_reload) {
  while (const auto signal = signals.take()) {
    if (*signal != SIGUSR1) {
      log::info("stopping: {}", strsignal(*signal));
      signals.let_stop_signals_kill();
      return true;
    }
    reload(on_reload);
  }
  return false;
}

// Whether the timer has expired since the last look.
bool take_tick(int timer) {
  std::uint64_t expirations = 0;
  return read(timer, &expirations, sizeof expirations) == sizeof expirations;
}

}  // namespace

void run_control_loop(Signals& signals, const Workers& workers, const ControlCallbacks& callbacks) {
  const FileDescriptor timer = open_timer(callbacks.tick_period);
  std::array<pollfd, 3> awaited = {pollfd{signals.fd(), POLLIN, 0},
                                   pollfd{workers.failure_fd(), POLLIN, 0},
                                   pollfd{timer.get(), POLLIN, 0}};
  while (true) {
    // The timer bounds the wait.
    const int ready_count = poll(awaited.data(), awaited.size(), -1);
    if (ready_count < 0 && errno != EINTR) throw_errno("poll");
    if (const auto failure = workers.failure()) throw std::runtime_error(*failure);
    if (handle_signals(signals, callbacks.on_reload)) return;
    if (!take_tick(timer.get())) continue;
    callbacks.on_tick();
    if (callbacks.is_done()) return;
  }
}

}  // namespace aquatic::process
