// SPDX-License-Identifier: Apache-2.0
// Requests of a connection that have no response yet, oldest first, for protocols whose responses
// come in the order of the requests.
#pragma once
#include <cstddef>
#include <vector>

#include "base/check.h"

namespace aquatic::load_test {

template <class Request>
class RequestQueue {
 public:
  // Requires: room for at least one.
  explicit RequestQueue(std::size_t capacity) : requests_(capacity) { CHECK(capacity > 0); }

  std::size_t size() const noexcept { return count_; }
  bool has_room() const noexcept { return count_ < requests_.size(); }

  // Requires: has_room().
  void push(const Request& request) noexcept {
    CHECK(has_room());
    requests_[(first_ + count_++) % requests_.size()] = request;
  }
  const Request& oldest() const noexcept { return requests_[first_]; }
  // Requires: size() > 0.
  Request pop() noexcept {
    CHECK(count_ > 0);
    const Request request = requests_[first_];
    first_ = (first_ + 1) % requests_.size();
    --count_;
    return request;
  }
  void clear() noexcept { first_ = count_ = 0; }

 private:
  std::vector<Request> requests_;  // A ring.
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace aquatic::load_test
