// SPDX-License-Identifier: Apache-2.0
#include "load_test/http_connection.h"

namespace aquatic::load_test {

void HttpConnection::push(const HttpSentRequest& request) noexcept {
  CHECK(has_room());
  sent_[(first_ + count_++) % sent_.size()] = request;
}

HttpSentRequest HttpConnection::pop() noexcept {
  CHECK(count_ > 0);
  const HttpSentRequest request = sent_[first_];
  first_ = (first_ + 1) % sent_.size();
  --count_;
  return request;
}

std::optional<std::size_t> HttpConnection::flush() noexcept {
  if (output.is_empty()) return 0;
  const net::IoResult result = stream.send(output.bytes());
  const bool is_broken = result.status == net::IoResult::Status::failed ||
                         result.status == net::IoResult::Status::closed;
  if (is_broken) return std::nullopt;
  output.consume(result.bytes);
  return result.bytes;
}

void HttpConnection::add_input(Bytes arrived) {
  if (rest_.is_empty()) {
    input_ = arrived;
    return;
  }
  rest_.append(arrived);
  input_ = rest_.bytes();
}

void HttpConnection::keep_input() {
  if (input_.empty()) {
    rest_.clear();
  } else if (rest_.is_empty()) {
    rest_.append(input_);
  } else {
    rest_.consume(rest_.size() - input_.size());
  }
  input_ = rest_.bytes();
}

void HttpConnection::close() noexcept {
  stream.close();
  output.clear();
  rest_.clear();
  input_ = {};
  first_ = count_ = 0;
}

}  // namespace aquatic::load_test
