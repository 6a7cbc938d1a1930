// SPDX-License-Identifier: Apache-2.0
// An io_uring and the buffers that the kernel fills with datagrams, owned.
//
// Whoever makes one is the only thread that may use it. The constructors throw std::runtime_error
// with the reason why this machine will not have it.
#pragma once
#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "base/bytes.h"

namespace aquatic::net {

class UringRing {
 public:
  UringRing(unsigned submission_entries, unsigned completion_entries);
  UringRing(const UringRing&) = delete;
  UringRing& operator=(const UringRing&) = delete;
  // Waits until the kernel has let go of every request, hence of every buffer.
  ~UringRing();

  // What errno says where this process asks for the smallest one; 0 if it gets it. Any thread.
  static int set_up_error() noexcept;

  io_uring* get() noexcept { return &ring_; }

 private:
  io_uring ring_{};
};

// A queue of equally long buffers, of which the kernel takes one for each datagram and the owner
// gives each back when it is done with it. Has to outlive the requests that use it: declare it
// before the ring, register it after.
class UringBuffers {
 public:
  // Both bounds are the kernel's.
  static constexpr std::uint32_t kMaxCount = 32768;
  static constexpr std::uint16_t kGroup = 0;

  // Requires: `count` is a power of two, at most kMaxCount.
  UringBuffers(std::uint32_t count, std::size_t buffer_bytes);

  // Gives all buffers to the kernel.
  void register_with(UringRing& ring);

  std::uint32_t size() const noexcept { return count_; }
  MutableBytes operator[](std::uint16_t id) noexcept {
    return {buffers_.get() + id * stride_, buffer_bytes_};
  }
  // Gives a buffer back; the kernel sees it after the next publish().
  void give_back(std::uint16_t id) noexcept;
  void publish() noexcept;

 private:
  struct Free {
    void operator()(void* memory) const noexcept { std::free(memory); }
  };

  std::uint32_t count_;
  std::size_t buffer_bytes_;
  std::size_t stride_;
  int pending_ = 0;  // Given back and not published.
  std::unique_ptr<io_uring_buf_ring, Free> queue_;
  std::unique_ptr<std::byte[], Free> buffers_;
};

}  // namespace aquatic::net
