// SPDX-License-Identifier: Apache-2.0
// The service manager's end of sd_notify(3).
#pragma once
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/file_descriptor.h"

namespace aquatic::process {

class ManagerSocket {
 public:
  // A path, or what follows an @ in no file system.
  explicit ManagerSocket(const std::string& name)
      : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    CHECK(name.size() < sizeof(address.sun_path));
    name.copy(address.sun_path, name.size());
    const bool is_abstract = name.starts_with('@');
    if (is_abstract) address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() +
                                               (is_abstract ? 0 : 1));
    CHECK(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0);
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~ManagerSocket() {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }
  ManagerSocket(const ManagerSocket&) = delete;
  ManagerSocket& operator=(const ManagerSocket&) = delete;

  // The next message, if one has come.
  std::optional<std::string> take() {
    std::array<char, 4096> buffer;
    const ssize_t count = recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0) return std::nullopt;
    return std::string(buffer.data(), static_cast<std::size_t>(count));
  }
  // All that have come.
  std::vector<std::string> take_all() {
    std::vector<std::string> messages;
    while (auto message = take()) messages.push_back(std::move(*message));
    return messages;
  }

 private:
  FileDescriptor fd_;
};

}  // namespace aquatic::process
