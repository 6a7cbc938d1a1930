// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_greeting.h"

#include "base/check.h"

namespace aquatic::net {
namespace {

using Error = ProxyGreetingError;

}  // namespace

Expected<ProxyHeader, Error> read_proxy_header(StreamSocket& socket, ByteBuffer& begun,
                                               MutableBytes scratch) noexcept {
  const std::size_t before = begun.size();
  const MutableBytes room = scratch.first(kMaxProxyHeaderBytes - before);
  const IoResult seen = socket.peek(room);
  if (seen.status == IoResult::Status::failed) return Unexpected<Error>(Error::broken);
  if (seen.status == IoResult::Status::closed) return Unexpected<Error>(Error::closed);
  begun.append(room.first(seen.bytes));
  const auto header = decode_proxy_header(begun.bytes());
  if (!header && header.error() == ProxyHeaderError::malformed) {
    return Unexpected<Error>(Error::malformed);
  }
  // Where the header is incomplete, all that has arrived is of it.
  const std::size_t count = header ? header->bytes - before : seen.bytes;
  if (count > 0) CHECK(socket.receive_raw(room.first(count)).bytes == count);
  if (!header) return Unexpected<Error>(Error::incomplete);
  begun.release();
  return *header;
}

}  // namespace aquatic::net
