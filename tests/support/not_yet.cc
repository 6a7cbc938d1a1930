// SPDX-License-Identifier: Apache-2.0
// Stands in for parts of the libraries that are being written: tests link without them, and use
// them nowhere. Goes when they come; until then theirs wins where there are two.
#include <cstdlib>

#include "base/ip_network.h"
#include "net/tls.h"

namespace aquatic {

[[gnu::weak]] bool IpNetworks::contain(const IpAddress& ip) const noexcept {
  for (const IpNetwork& network : networks) {
    if (network.address == ip) return true;
  }
  return false;
}

namespace net {

struct TlsSession::State {};

[[gnu::weak]] TlsSession::TlsSession(const TlsContext&, int) { std::abort(); }
[[gnu::weak]] TlsSession::~TlsSession() = default;
[[gnu::weak]] TlsSession::TlsSession(TlsSession&&) noexcept = default;
[[gnu::weak]] TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;
[[gnu::weak]] IoResult TlsSession::handshake() noexcept { std::abort(); }
[[gnu::weak]] IoResult TlsSession::read(MutableBytes) noexcept { std::abort(); }
[[gnu::weak]] IoResult TlsSession::write(Bytes) noexcept { std::abort(); }
[[gnu::weak]] bool TlsSession::has_pending_input() const noexcept { std::abort(); }
[[gnu::weak]] void TlsSession::close() noexcept { std::abort(); }
[[gnu::weak]] bool TlsSession::is_resumed() const noexcept { std::abort(); }

}  // namespace net
}  // namespace aquatic
