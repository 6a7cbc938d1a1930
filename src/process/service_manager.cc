// SPDX-License-Identifier: Apache-2.0
#include "process/service_manager.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/environment.h"
#include "base/log.h"

namespace aquatic::process {
namespace {

// Not open, with errno, if nobody is there.
FileDescriptor connect_to(const std::string& name) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const bool is_abstract = name.starts_with('@');
  if ((!is_abstract && !name.starts_with('/')) || name.size() >= sizeof(address.sun_path)) {
    errno = EINVAL;
    return {};
  }
  name.copy(address.sun_path, name.size());
  // To the kernel, names that are no files begin with 0, and end where the address does.
  if (is_abstract) address.sun_path[0] = '\0';
  const std::size_t length = offsetof(sockaddr_un, sun_path) + name.size() + (is_abstract ? 0 : 1);
  FileDescriptor fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
              static_cast<socklen_t>(length)) != 0) {
    return {};
  }
  return fd;
}

std::optional<std::chrono::microseconds> half_of(const std::string& limit_us) {
  std::int64_t value = 0;
  const char* const end = limit_us.data() + limit_us.size();
  const auto [rest, error] = std::from_chars(limit_us.data(), end, value);
  if (error != std::errc() || rest != end || value < 2) {
    log::warn("WATCHDOG_USEC is `{}`, which is no time: the watchdog gets no sign of life",
              limit_us);
    return std::nullopt;
  }
  return std::chrono::microseconds(value / 2);
}

// Of a message, each line is a statement of its own.
std::string status_line(std::string_view status) {
  std::string line(status.substr(0, ServiceManager::kMaxStatusBytes));
  std::ranges::replace(line, '\n', ' ');
  return "STATUS=" + line;
}

}  // namespace

ServiceManager::ServiceManager() {
  const auto name = take_variable("NOTIFY_SOCKET");
  const auto watchdog_us = take_variable("WATCHDOG_USEC");
  const auto watched_pid = take_variable("WATCHDOG_PID");
  if (!name) return;
  socket_ = connect_to(*name);
  if (!socket_.is_open()) {
    log::warn("the service manager will not hear of this process: NOTIFY_SOCKET is `{}`: {}", *name,
              std::strerror(errno));
    return;
  }
  const bool is_watched = !watched_pid || *watched_pid == std::to_string(getpid());
  if (watchdog_us && is_watched) period_ = half_of(*watchdog_us);
}

void ServiceManager::ready(std::string_view status) noexcept {
  tell("READY=1\n" + status_line(status));
}

void ServiceManager::reloading() noexcept {
  // CLOCK_MONOTONIC: it tells this reload's message from that of one before.
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n{}", now.count(), status_line("reloading")));
}

void ServiceManager::stopping(std::string_view status) noexcept {
  tell("STOPPING=1\n" + status_line(status));
}

void ServiceManager::keep_alive() noexcept {
  retry();
  send("WATCHDOG=1");
}

void ServiceManager::retry() noexcept {
  if (!unsent_.empty() && send(unsent_)) unsent_.clear();
}

// A state replaces the one before, also where that was not sent yet.
void ServiceManager::tell(std::string message) noexcept {
  unsent_ = std::move(message);
  retry();
}

// False if it is worth trying again.
bool ServiceManager::send(std::string_view message) const noexcept {
  if (!socket_.is_open()) return true;
  const ssize_t sent =
      ::send(socket_.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent >= 0 || (errno != EAGAIN && errno != EINTR && errno != ENOBUFS);
}

}  // namespace aquatic::process
