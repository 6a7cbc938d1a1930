// SPDX-License-Identifier: Apache-2.0
#include "net/mailbox.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/check.h"

namespace aquatic::net {

Mailbox::Mailbox(std::size_t max_bytes)
    : max_bytes_(max_bytes), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.is_open()) {
    throw std::runtime_error(std::string("cannot open an eventfd: ") + std::strerror(errno) +
                             "; raise the limit of open files, or use fewer workers");
  }
}

bool Mailbox::post(const Mail& mail) noexcept {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (mail_.bytes() + mail.bytes() > max_bytes_) return false;
    was_empty = mail_.is_empty();
    mail_.add(mail);
  }
  if (was_empty) CHECK(eventfd_write(event_.get(), 1) == 0);
  return true;
}

void Mailbox::take(Mail& mail) noexcept {
  mail.clear();
  // Before the mail: whatever is posted from now on writes again, as it finds nothing or is taken.
  eventfd_t ignored = 0;
  eventfd_read(event_.get(), &ignored);
  const std::lock_guard lock(mutex_);
  std::swap(mail, mail_);
}

}  // namespace aquatic::net
