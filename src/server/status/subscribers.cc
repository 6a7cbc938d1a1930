// SPDX-License-Identifier: Apache-2.0
#include "server/status/subscribers.h"

#include <algorithm>

#include "base/check.h"
#include "net/mail.h"

namespace aquatic::server {

std::optional<Subscribers::Slot> Subscribers::add(net::Mailbox& mailbox,
                                                  net::StreamKey stream) noexcept {
  const std::lock_guard lock(mutex_);
  const auto free = std::ranges::find(slots_, nullptr, &Subscriber::mailbox);
  if (free == slots_.end()) {
    ++refused_count_;
    return std::nullopt;
  }
  *free = {&mailbox, stream};
  ++size_;
  return static_cast<Slot>(free - slots_.begin());
}

void Subscribers::remove(Slot slot) noexcept {
  const std::lock_guard lock(mutex_);
  CHECK(slot < slots_.size() && slots_[slot].mailbox != nullptr);
  slots_[slot] = {};
  --size_;
}

void Subscribers::nudge() noexcept {
  const std::lock_guard lock(mutex_);
  for (const auto& [mailbox, stream] : slots_) {
    if (mailbox == nullptr) continue;
    net::Mail mail;
    mail.add(stream, {});
    mailbox->post(mail);
  }
}

std::size_t Subscribers::size() const noexcept {
  const std::lock_guard lock(mutex_);
  return size_;
}

std::uint64_t Subscribers::refused_count() const noexcept {
  const std::lock_guard lock(mutex_);
  return refused_count_;
}

}  // namespace aquatic::server
