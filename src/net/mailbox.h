// SPDX-License-Identifier: Apache-2.0
// Where a worker gets what others have for its streams. Bounded: what does not fit is lost, and
// whoever posts it is told.
//
// Any thread posts, one takes. It is woken once for all that came since it took last.
#pragma once
#include <cstddef>
#include <mutex>

#include "base/file_descriptor.h"
#include "net/mail.h"

namespace aquatic::net {

class Mailbox {
 public:
  // Throws std::runtime_error if the system has no descriptor for it.
  explicit Mailbox(std::size_t max_bytes);

  // Copies all of it, or nothing if that would be too much.
  bool post(const Mail& mail) noexcept;

  // Readable as long as there is something to take.
  int fd() const noexcept { return event_.get(); }
  // Replaces `mail`, which is given back its memory for the next post.
  void take(Mail& mail) noexcept;

 private:
  const std::size_t max_bytes_;
  const FileDescriptor event_;
  std::mutex mutex_;  // Guards mail_.
  Mail mail_;
};

}  // namespace aquatic::net
