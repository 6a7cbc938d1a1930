// SPDX-License-Identifier: Apache-2.0
// The other end of a stream, for tests that play both ends in one thread: it never waits.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/file_descriptor.h"

namespace aquatic::test {

class TcpPeer {
 public:
  // Throws std::runtime_error if nobody listens there. With `receive_buffer_bytes` the kernel keeps
  // about so much that was not received, instead of megabytes.
  explicit TcpPeer(const Endpoint& server, std::optional<IpAddress> own_address = std::nullopt,
                   int receive_buffer_bytes = 0);
  // Takes over a socket that is connected already.
  explicit TcpPeer(FileDescriptor fd) noexcept : fd_(std::move(fd)) {}

  Endpoint address() const;
  int fd() const noexcept { return fd_.get(); }

  // How many of the bytes the kernel took.
  std::size_t send_some(Bytes bytes);
  // Requires: the kernel has room for it.
  void send(std::string_view text);
  // Whether the other end's kernel has all that was sent.
  bool is_delivered() const;

  // All that was received so far, less what was taken. Looks for more first.
  const std::string& received();
  std::string take_received();

  // Whether the other end has ended its output, and whether by a reset. Looks first, and takes what
  // came before.
  bool has_seen_end();
  bool was_reset();

  // Ends our output and goes on receiving.
  void end_output();
  // Closes with a reset.
  void reset();
  void close() noexcept { fd_.reset(); }

 private:
  void receive();

  FileDescriptor fd_;
  std::string received_;
  bool has_seen_end_ = false;
  bool was_reset_ = false;
};

}  // namespace aquatic::test
