// SPDX-License-Identifier: Apache-2.0
// How much of the heap is in use, whoever the allocator is.
#pragma once
#include <malloc.h>

#include <cstddef>

// Of the sanitizers that bring an allocator of their own.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes() __attribute__((weak));

namespace aquatic::test {

inline std::size_t live_heap_bytes() {
  if (__sanitizer_get_current_allocated_bytes != nullptr) {
    return __sanitizer_get_current_allocated_bytes();
  }
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;  // Small blocks, and those that have pages of their own.
}

}  // namespace aquatic::test
