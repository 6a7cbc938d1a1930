// SPDX-License-Identifier: Apache-2.0
#include "net/outbox.h"

#include <utility>

namespace aquatic::net {

void Outbox::post(std::uint32_t worker, StreamKey stream, Bytes message) noexcept {
  Mail& mail = outgoing_[worker];
  mail.add(stream, message);
  if (worker != own_ && mail.bytes() > kMaxOutgoingBytes) send(worker);
}

void Outbox::flush() noexcept {
  for (std::uint32_t worker = 0; worker < outgoing_.size(); ++worker) {
    if (worker != own_ && !outgoing_[worker].is_empty()) send(worker);
  }
}

void Outbox::take_own(Mail& mail) noexcept {
  mail.clear();
  std::swap(mail, outgoing_[own_]);
}

void Outbox::send(std::uint32_t worker) noexcept {
  Mail& mail = outgoing_[worker];
  if (!mailboxes_[worker]->post(mail)) lost_count_ += mail.count();
  mail.clear();
}

}  // namespace aquatic::net
