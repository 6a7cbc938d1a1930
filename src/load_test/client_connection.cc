// SPDX-License-Identifier: Apache-2.0
#include "load_test/client_connection.h"

namespace aquatic::load_test {

std::optional<std::size_t> ClientConnection::flush() noexcept {
  if (output.is_empty()) return 0;
  const net::IoResult result = stream.send(output.bytes());
  const bool is_broken = result.status == net::IoResult::Status::failed ||
                         result.status == net::IoResult::Status::closed;
  if (is_broken) return std::nullopt;
  output.consume(result.bytes);
  return result.bytes;
}

void ClientConnection::add_input(Bytes arrived) {
  if (rest_.is_empty()) {
    input_ = arrived;
    return;
  }
  rest_.append(arrived);
  input_ = rest_.bytes();
}

void ClientConnection::keep_input() {
  if (input_.empty()) {
    rest_.clear();
  } else if (rest_.is_empty()) {
    rest_.append(input_);
  } else {
    rest_.consume(rest_.size() - input_.size());
  }
  input_ = rest_.bytes();
}

void ClientConnection::close() noexcept {
  stream.close();
  output.clear();
  rest_.clear();
  input_ = {};
}

}  // namespace aquatic::load_test
