// SPDX-License-Identifier: Apache-2.0
// A stop token of a worker that serves: each time it is asked is a sign of life.
#pragma once
#include <atomic>
#include <cstdint>
#include <stop_token>
#include <utility>

namespace aquatic::process {

class WatchedToken {
 public:
  explicit WatchedToken(std::stop_token stop) noexcept : stop_(std::move(stop)) {}

  // Of one thread, the worker's.
  bool stop_requested() const noexcept {
    looks_.store(looks_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return stop_.stop_requested();
  }
  // How often it was asked. Any thread.
  std::uint64_t looks() const noexcept { return looks_.load(std::memory_order_relaxed); }

 private:
  std::stop_token stop_;
  // What the worker writes at every turn lies beside nothing that others use.
  alignas(64) mutable std::atomic<std::uint64_t> looks_ = 0;
};

}  // namespace aquatic::process
