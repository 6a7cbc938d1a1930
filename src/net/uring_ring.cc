// SPDX-License-Identifier: Apache-2.0
#include "net/uring_ring.h"

#include <fmt/core.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>

#include "base/check.h"

namespace aquatic::net {
namespace {

constexpr std::size_t kCacheLineBytes = 64;
constexpr std::size_t kPageBytes = 4096;

[[noreturn]] void fail(int error) {
  const auto reason = [&]() -> const char* {
    switch (error) {
      case EPERM:
      case EACCES:
        return "forbidden by sysctl kernel.io_uring_disabled or by a seccomp profile, such as the "
               "default one of containers";
      case ENOSYS: return "the kernel does not have it or a seccomp profile hides it";
      case EINVAL: return "the kernel is too old: Linux 6.1 or newer is needed";
      case ENOMEM:
        return "too little memory may be locked: raise RLIMIT_MEMLOCK (ulimit -l, LimitMEMLOCK=)";
      default: return "its set-up failed";
    }
  }();
  throw std::runtime_error(fmt::format("{} ({})", reason, std::strerror(error)));
}

// An odd number of cache lines: were it a power of two, the first lines of all buffers would
// compete for a few sets of the cache.
std::size_t stride_of(std::size_t bytes) {
  const std::size_t lines = (bytes + kCacheLineBytes - 1) / kCacheLineBytes;
  return (lines | 1) * kCacheLineBytes;
}

void* allocate(std::size_t alignment, std::size_t bytes) {
  void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Returns what errno says, or 0.
int set_up(io_uring& ring, unsigned submission_entries, unsigned completion_entries) noexcept {
  io_uring_params parameters{};
  // DEFER_TASKRUN: datagrams are received when the thread asks for them. Without it each that
  // arrives wakes the thread from its nap, which then saves nothing.
  // SUBMIT_ALL: one bad request does not hold up those behind it.
  parameters.flags = IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER |
                     IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE;
  parameters.cq_entries = completion_entries;
  return -io_uring_queue_init_params(submission_entries, &ring, &parameters);
}

}  // namespace

UringRing::UringRing(unsigned submission_entries, unsigned completion_entries) {
  const int error = set_up(ring_, submission_entries, completion_entries);
  if (error != 0) fail(error);
}

int UringRing::set_up_error() noexcept {
  io_uring ring{};
  const int error = set_up(ring, 1, 2);
  if (error == 0) io_uring_queue_exit(&ring);
  return error;
}

UringRing::~UringRing() {
  // Closing the ring lets go of requests at some later time: a datagram that arrives meanwhile
  // would be written to memory that is somebody else's by then.
  io_uring_sync_cancel_reg everything{};
  everything.fd = -1;
  everything.flags = IORING_ASYNC_CANCEL_ANY;
  everything.timeout = {-1, -1};
  io_uring_register_sync_cancel(&ring_, &everything);
  io_uring_get_events(&ring_);  // Requests that were cancelled end here.
  io_uring_queue_exit(&ring_);
}

UringBuffers::UringBuffers(std::uint32_t count, std::size_t buffer_bytes)
    : count_(count), buffer_bytes_(buffer_bytes), stride_(stride_of(buffer_bytes)) {
  CHECK(std::has_single_bit(count) && count <= kMaxCount);
  queue_.reset(static_cast<io_uring_buf_ring*>(allocate(kPageBytes, count * sizeof(io_uring_buf))));
  buffers_.reset(static_cast<std::byte*>(allocate(kCacheLineBytes, count * stride_)));
}

void UringBuffers::register_with(UringRing& ring) {
  io_uring_buf_ring_init(queue_.get());
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(queue_.get());
  registration.ring_entries = count_;
  registration.bgid = kGroup;
  const int error = io_uring_register_buf_ring(ring.get(), &registration, 0);
  if (error < 0) fail(-error);
  for (std::uint32_t id = 0; id < count_; ++id) give_back(static_cast<std::uint16_t>(id));
  publish();
}

void UringBuffers::give_back(std::uint16_t id) noexcept {
  const MutableBytes buffer = (*this)[id];
  io_uring_buf_ring_add(queue_.get(), buffer.data(), static_cast<unsigned>(buffer.size()), id,
                        io_uring_buf_ring_mask(count_), pending_);
  ++pending_;
}

void UringBuffers::publish() noexcept {
  io_uring_buf_ring_advance(queue_.get(), pending_);
  pending_ = 0;
}

}  // namespace aquatic::net
