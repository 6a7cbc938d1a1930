// SPDX-License-Identifier: Apache-2.0
// Values of headers that are lists, as in "keep-alive, Upgrade" (RFC 9110 §5.6.1).
#pragma once
#include <optional>
#include <string_view>

namespace aquatic::http {

// Without the spaces and tabs around it.
std::string_view trim(std::string_view text) noexcept;

// Whether two header names or tokens are the same, as ASCII of any case.
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

// The items between commas, trimmed; empty ones are passed over. It knows no quotes: for lists of
// tokens only.
class ListItems {
 public:
  explicit ListItems(std::string_view list) noexcept : rest_(list) {}
  std::optional<std::string_view> next() noexcept;

 private:
  std::string_view rest_;
};

// What the Connection headers of a message say, all of them together (RFC 9112 §9.3).
struct ConnectionOptions {
  bool has_close = false;
  bool has_keep_alive = false;

  void add(std::string_view value) noexcept;
  bool keeps_alive(unsigned minor_version) const noexcept {
    return !has_close && (minor_version >= 1 || has_keep_alive);
  }
};

}  // namespace aquatic::http
