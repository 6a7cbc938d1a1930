// SPDX-License-Identifier: Apache-2.0
// Bytes that grow at the end: what is to be sent, built piece by piece.
//
// Growing keeps the bytes and may move them. Clearing keeps the memory; release() gives it back.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"

namespace aquatic {

class ByteBuffer {
 public:
  ByteBuffer() noexcept = default;
  ByteBuffer(ByteBuffer&& other) noexcept
      : storage_(std::move(other.storage_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    storage_ = std::move(other.storage_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  std::size_t size() const noexcept { return size_; }
  bool is_empty() const noexcept { return size_ == 0; }
  std::size_t capacity() const noexcept { return capacity_; }
  Bytes bytes() const noexcept { return {storage_.get(), size_}; }
  MutableBytes bytes() noexcept { return {storage_.get(), size_}; }
  std::string_view text() const noexcept { return as_text(bytes()); }

  void append(Bytes more) {
    if (more.empty()) return;
    std::memcpy(room(more.size()).data(), more.data(), more.size());
    size_ += more.size();
  }
  void append(std::string_view text) { append(as_bytes(text)); }

  // Room for at least `wanted` more bytes, to be filled and then taken with commit().
  MutableBytes room(std::size_t wanted) {
    if (capacity_ - size_ < wanted) grow(wanted);
    return {storage_.get() + size_, capacity_ - size_};
  }
  // Requires: the last room() had as many.
  void commit(std::size_t count) noexcept {
    DCHECK(count <= capacity_ - size_);
    size_ += count;
  }

  // Drops bytes from the front; the rest moves there. Requires: count <= size().
  void consume(std::size_t count) noexcept {
    DCHECK(count <= size_);
    size_ -= count;
    if (size_ > 0) std::memmove(storage_.get(), storage_.get() + count, size_);
  }
  // Drops bytes from the end. Requires: size <= size().
  void truncate(std::size_t size) noexcept {
    DCHECK(size <= size_);
    size_ = size;
  }
  void clear() noexcept { size_ = 0; }
  void release() noexcept { *this = ByteBuffer(); }

 private:
  static constexpr std::size_t kLeastCapacity = 256;  // A response of one tracker fits.

  void grow(std::size_t wanted) {
    const std::size_t capacity = std::max({kLeastCapacity, size_ + wanted, 2 * capacity_});
    auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity);
    if (size_ > 0) std::memcpy(larger.get(), storage_.get(), size_);
    storage_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<std::byte[]> storage_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace aquatic
