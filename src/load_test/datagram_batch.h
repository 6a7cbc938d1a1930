// SPDX-License-Identifier: Apache-2.0
// Datagrams over a connected UDP socket, many in one system call.
//
// Neither of them blocks. Each belongs to one thread.
#pragma once
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/file_descriptor.h"

namespace aquatic::load_test {

// A non-blocking UDP socket that is connected to the tracker, and so hears of nobody else. Sends
// from `source` if there is one. Throws std::runtime_error.
FileDescriptor open_connected_socket(const Endpoint& tracker,
                                     const std::optional<IpAddress>& source,
                                     std::uint32_t receive_buffer_bytes);

// Datagrams in one system call at most: more gain nothing and blur their times.
inline constexpr std::size_t kBatchDatagrams = 64;

// Requests that are being written and then sent.
class SendBatch {
 public:
  static constexpr std::size_t kMaxBytes = 1536;  // A scrape of 74 torrents has 1496.

  SendBatch();

  std::size_t size() const noexcept { return size_; }
  bool is_full() const noexcept { return size_ == kBatchDatagrams; }
  // kMaxBytes for the next request, then its length. Requires: not is_full().
  MutableBytes room() noexcept;
  void push(std::size_t bytes) noexcept;
  void clear() noexcept { size_ = 0; }

  // Sends from the front and returns how many the kernel took; errno says why not the next one.
  std::size_t send(int fd) noexcept;

 private:
  std::vector<std::byte> buffer_;
  std::array<iovec, kBatchDatagrams> parts_{};
  std::array<mmsghdr, kBatchDatagrams> messages_{};
  std::size_t size_ = 0;
};

class ReceiveBatch {
 public:
  static constexpr std::size_t kMaxBytes = 4096;  // No tracker sends this much in a datagram.

  ReceiveBatch();

  // Takes what is there and returns how many that are, or 0 with errno.
  std::size_t receive(int fd) noexcept;
  // Valid until the next receive(). A longer datagram than kMaxBytes is cut.
  Bytes operator[](std::size_t i) const noexcept;

 private:
  std::vector<std::byte> buffer_;
  std::array<iovec, kBatchDatagrams> parts_{};
  std::array<mmsghdr, kBatchDatagrams> messages_{};
};

}  // namespace aquatic::load_test
