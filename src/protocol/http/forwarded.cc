// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/forwarded.h"

#include <algorithm>
#include <optional>
#include <ranges>

#include "protocol/decimal.h"
#include "protocol/http/header_list.h"

namespace aquatic::http {
namespace {

using Address = Expected<IpAddress, ForwardedError>;

Address refuse(ForwardedError error) noexcept { return Unexpected<ForwardedError>(error); }

// Whether an odd number of backslashes stands before: `\"` is a quote inside of a quoted string.
bool is_escaped(std::string_view text, std::size_t at) noexcept {
  const std::size_t before = text.substr(0, at).find_last_not_of('\\');
  return (at - (before + 1)) % 2 != 0;  // npos + 1 is 0.
}

// Takes the last item off a list. From the right, since what stands on the left may be the peer's
// own and end in the middle of a quoted string, to swallow what honest proxies have added.
std::string_view take_last(std::string_view& list, ForwardedFormat format) noexcept {
  const bool knows_quotes = format == ForwardedFormat::rfc7239;
  bool is_quoted = false;
  std::size_t begin = list.size();
  for (; begin > 0; --begin) {
    const char c = list[begin - 1];
    if (c == ',' && !is_quoted) break;
    if (knows_quotes && c == '"' && !is_escaped(list, begin - 1)) is_quoted = !is_quoted;
  }
  const std::string_view item = trim(list.substr(begin));
  list = list.substr(0, begin == 0 ? 0 : begin - 1);
  return item;
}

// "_hidden": the names that proxies make up (RFC 7239 §6.3).
bool is_obfuscated(std::string_view text) noexcept {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return text.size() > 1 && text[0] == '_' &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

// What may follow an address: nothing, or a colon and a port.
bool is_port_suffix(std::string_view text) noexcept {
  if (text.empty()) return true;
  if (text[0] != ':') return false;
  text.remove_prefix(1);
  return parse_decimal<std::uint16_t>(text).has_value() || is_obfuscated(text);
}

// "203.0.113.7", "203.0.113.7:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711",
// "unknown", "_hidden".
Address read_node(std::string_view text) noexcept {
  if (const auto ip = IpAddress::parse(text)) return *ip;
  const bool has_brackets = text.starts_with('[');
  const std::size_t end = std::min(text.find(has_brackets ? ']' : ':'), text.size());
  const std::string_view host = text.substr(has_brackets, end - has_brackets);
  if (has_brackets && end == text.size()) return refuse(ForwardedError::malformed);
  if (!is_port_suffix(text.substr(end + has_brackets))) return refuse(ForwardedError::malformed);
  const bool is_hidden = equals_ignoring_case(host, "unknown") || is_obfuscated(host);
  if (is_hidden && !has_brackets) return refuse(ForwardedError::unknown);
  const auto ip = IpAddress::parse(host);
  const bool is_v6_text = host.find(':') != std::string_view::npos;
  if (!ip || is_v6_text != has_brackets) return refuse(ForwardedError::malformed);
  return *ip;
}

// The value that `rest` begins with, without the quotes around it; `rest` is moved behind it.
// Nothing if quotes do not end. Escapes stay as they are: no address has any.
std::optional<std::string_view> take_value(std::string_view& rest) noexcept {
  if (!rest.starts_with('"')) {
    const std::string_view value = trim(rest.substr(0, rest.find(';')));
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    return value;
  }
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] != '"' || is_escaped(rest, i)) continue;
    const std::string_view value = rest.substr(1, i - 1);
    rest = trim(rest.substr(i + 1));
    return value;
  }
  return std::nullopt;
}

// `for=203.0.113.7;proto=https;by="[2001:db8::1]"`
Address read_element(std::string_view rest) noexcept {
  std::optional<std::string_view> node;
  for (;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of("; \t"), rest.size()));
    if (rest.empty()) break;
    const std::size_t equals = rest.find('=');
    const std::string_view name = rest.substr(0, equals);
    if (equals == std::string_view::npos ||
        name.find_first_of("\";, \t") != std::string_view::npos) {
      return refuse(ForwardedError::malformed);
    }
    rest.remove_prefix(equals + 1);
    const auto value = take_value(rest);
    if (!value || (!rest.empty() && rest[0] != ';')) return refuse(ForwardedError::malformed);
    if (!equals_ignoring_case(name, "for")) continue;
    if (node) return refuse(ForwardedError::malformed);  // RFC 7239 §4: at most once.
    node = value;
  }
  return node ? read_node(*node) : refuse(ForwardedError::unknown);
}

}  // namespace

Expected<IpAddress, ForwardedError> forwarded_address(const RequestHead& head,
                                                      std::string_view header_name,
                                                      ForwardedFormat format,
                                                      const IpNetworks& trusted) noexcept {
  Address leftmost = refuse(ForwardedError::missing);
  for (const Header& header : std::views::reverse(head.headers())) {
    if (!equals_ignoring_case(header.name, header_name)) continue;
    for (std::string_view list = header.value; !list.empty();) {
      const std::string_view item = take_last(list, format);
      if (item.empty()) continue;
      const Address address =
          format == ForwardedFormat::rfc7239 ? read_element(item) : read_node(item);
      if (!address || !trusted.contain(*address)) return address;
      leftmost = address;
    }
  }
  return leftmost;
}

}  // namespace aquatic::http
