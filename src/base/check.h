// SPDX-License-Identifier: Apache-2.0
// Invariants that end the process when they do not hold.
//
// CHECK is always on: it is for bugs, never for input. DCHECK is for hot paths and exists only in
// builds without NDEBUG. Neither evaluates its condition twice.
#pragma once

namespace aquatic::detail {

// Prints the broken invariant with a backtrace and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace aquatic::detail

#define CHECK(condition) \
  ((condition) ? (void)0 : ::aquatic::detail::check_failed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define DCHECK(condition) ((void)sizeof(!(condition)))
#else
#define DCHECK(condition) CHECK(condition)
#endif
