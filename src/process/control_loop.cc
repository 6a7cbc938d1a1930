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
#include <string>
#include <string_view>

#include "base/log.h"
#include "process/system_error.h"

namespace aquatic::process {
namespace {

FileDescriptor open_timer(std::chrono::nanoseconds period) {
  FileDescriptor timer(
      checked(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create"));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(period);
  const std::chrono::nanoseconds rest = period - seconds;
  const timespec interval{.tv_sec = seconds.count(), .tv_nsec = rest.count()};
  const itimerspec spec{.it_interval = interval, .it_value = interval};
  checked(timerfd_settime(timer.get(), 0, &spec, nullptr), "timerfd_settime");
  return timer;
}

constexpr std::string_view kServing = "serving";

void reload(ServiceManager& manager, const std::function<void()>& on_reload) {
  manager.reloading();
  std::string status(kServing);
  try {
    on_reload();
  } catch (const std::exception& error) {
    log::error("{}", error.what());
    status += std::string("; at the last reload: ") + error.what();
  }
  manager.ready(status);
}

// Returns whether the process was asked to stop.
bool handle_signals(Signals& signals, const std::function<void()>& on_reload) {
  while (const auto signal = signals.take()) {
    if (*signal != SIGUSR1) {
      log::info("stopping: {}", strsignal(*signal));
      signals.let_stop_signals_kill();
      return true;
    }
    reload(signals.service_manager(), on_reload);
  }
  return false;
}

// Whether the timer has expired since the last look. One that is not open never has.
bool take_tick(const FileDescriptor& timer) {
  std::uint64_t expirations = 0;
  return timer.is_open() &&
         read(timer.get(), &expirations, sizeof expirations) == sizeof expirations;
}

void loop(Signals& signals, Workers& workers, const ControlCallbacks& callbacks) {
  ServiceManager& manager = signals.service_manager();
  const FileDescriptor timer = open_timer(callbacks.tick_period);
  const FileDescriptor watchdog =
      manager.watchdog_period() ? open_timer(*manager.watchdog_period()) : FileDescriptor();
  // One that is not open is passed over.
  std::array<pollfd, 4> awaited = {
      pollfd{signals.fd(), POLLIN, 0}, pollfd{workers.failure_fd(), POLLIN, 0},
      pollfd{timer.get(), POLLIN, 0}, pollfd{watchdog.get(), POLLIN, 0}};
  manager.ready(kServing);
  bool all_live = true;
  while (true) {
    // The timer bounds the wait.
    const int ready_count = poll(awaited.data(), awaited.size(), -1);
    if (ready_count < 0 && errno != EINTR) throw_errno("poll");
    if (const auto failure = workers.failure()) throw std::runtime_error(*failure);
    if (handle_signals(signals, callbacks.on_reload)) return;
    if (take_tick(watchdog) && all_live) manager.keep_alive();
    if (!take_tick(timer)) continue;
    manager.retry();
    all_live = workers.look_after(callbacks.tick_period);
    callbacks.on_tick();
    if (callbacks.is_done()) return;
  }
}

}  // namespace

void run_control_loop(Signals& signals, Workers& workers, const ControlCallbacks& callbacks) {
  try {
    loop(signals, workers, callbacks);
  } catch (const std::exception& error) {
    signals.service_manager().stopping(error.what());
    throw;
  }
  signals.service_manager().stopping("stopping");
}

}  // namespace aquatic::process
