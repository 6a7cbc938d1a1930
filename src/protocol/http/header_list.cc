// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/header_list.h"

#include <algorithm>

namespace aquatic::http {
namespace {

constexpr std::string_view kWhiteSpace = " \t";

char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

std::string_view trim(std::string_view text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kWhiteSpace) + 1);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::optional<std::string_view> ListItems::next() noexcept {
  while (!rest_.empty()) {
    const std::size_t length = std::min(rest_.find(','), rest_.size());
    const std::string_view item = trim(rest_.substr(0, length));
    rest_.remove_prefix(std::min(length + 1, rest_.size()));
    if (!item.empty()) return item;
  }
  return std::nullopt;
}

void ConnectionOptions::add(std::string_view value) noexcept {
  ListItems items(value);
  while (const auto item = items.next()) {
    if (equals_ignoring_case(*item, "close")) has_close = true;
    if (equals_ignoring_case(*item, "keep-alive")) has_keep_alive = true;
  }
}

}  // namespace aquatic::http
