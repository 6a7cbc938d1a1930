// SPDX-License-Identifier: Apache-2.0
#include "base/file_replacement.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace aquatic {
namespace {

constexpr mode_t kReadableByAll = 0644;

}  // namespace

FileReplacement::FileReplacement(const std::string& path)
    : path_(path),
      temporary_path_(path + ".tmp"),
      // Not through a link that somebody has put there.
      file_(::open(temporary_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                   kReadableByAll)) {
  if (!file_.is_open()) fail();
}

FileReplacement::~FileReplacement() {
  if (!is_committed_) ::unlink(temporary_path_.c_str());
}

void FileReplacement::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail();
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void FileReplacement::sync() {
  if (::fdatasync(file_.get()) != 0) fail();
}

void FileReplacement::commit() {
  if (std::rename(temporary_path_.c_str(), path_.c_str()) != 0) fail();
  is_committed_ = true;
}

void FileReplacement::fail() const {
  throw std::runtime_error(fmt::format("cannot write {}: {}", path_, std::strerror(errno)));
}

}  // namespace aquatic
