// SPDX-License-Identifier: Apache-2.0
// A value that many threads read and one replaces as a whole: access lists, certificates.
//
// The value itself never changes. Each reading thread has a SnapshotReader of its own; as long as
// nothing is replaced, a look costs one load of a line that nobody writes.
// (std::atomic<std::shared_ptr> would take a lock and write each time.)
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace aquatic {

// The value in force, or null. Any thread may call anything.
template <class T>
class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const T> first = nullptr) : current_(std::move(first)) {}

  void replace(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    current_.swap(value);
    version_.fetch_add(1, std::memory_order_release);
  }

  std::shared_ptr<const T> current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

  // Changes with each replace().
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

 private:
  mutable std::mutex mutex_;  // Guards current_. Readers take it only after a change.
  std::shared_ptr<const T> current_;
  std::atomic<std::uint64_t> version_ = 0;
};

// One thread's view of a snapshot.
template <class T>
class SnapshotReader {
 public:
  // `snapshot` has to outlive the reader.
  explicit SnapshotReader(const Snapshot<T>& snapshot) : snapshot_(snapshot) { refresh(); }

  // The value in force, valid until the next call.
  const std::shared_ptr<const T>& current() noexcept {
    if (version_ != snapshot_.version()) refresh();
    return current_;
  }
  // The value in force if this has not returned it yet, or null; for readers that pass it on.
  const T* take_fresh() noexcept {
    current();
    return std::exchange(is_fresh_, false) ? current_.get() : nullptr;
  }

 private:
  void refresh() noexcept {
    // Version first: if the value is replaced in between, the next look comes here again.
    version_ = snapshot_.version();
    current_ = snapshot_.current();
    is_fresh_ = true;
  }

  const Snapshot<T>& snapshot_;
  std::uint64_t version_ = 0;
  bool is_fresh_ = false;  // take_fresh() has not returned it.
  std::shared_ptr<const T> current_;
};

}  // namespace aquatic
