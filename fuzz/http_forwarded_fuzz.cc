// SPDX-License-Identifier: Apache-2.0
// Any lines of text as the headers in which proxies say who asks. Whatever a peer has sent, what an
// honest proxy adds on the right is what counts, and one value is read like its parts.
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "protocol/http/forwarded.h"

namespace aquatic::http {
namespace {

using Address = Expected<IpAddress, ForwardedError>;
using Values = std::vector<std::string>;

constexpr std::string_view kName = "Forwarded";
constexpr std::string_view kPeer = "203.0.113.7";
constexpr std::string_view kProxy = "10.0.0.1";

const IpNetworks& trusted() {
  static const IpNetworks networks = *IpNetworks::parse("10.0.0.0/8, 2001:db8:aaaa::/48");
  return networks;
}

Address found(const Values& values, ForwardedFormat format) {
  RequestHead head;
  for (const std::string& value : values) {
    head.header_slots[head.header_count++] = {.name = kName, .value = value};
  }
  return forwarded_address(head, kName, format, trusted());
}

// What a proxy does that was asked from there.
Values with_added(Values values, std::string_view address, ForwardedFormat format) {
  const bool is_list = format == ForwardedFormat::address_list;
  values.back() += is_list ? ", " : ", for=";
  values.back() += address;
  return values;
}

void check_added(const Values& values, ForwardedFormat format) {
  const IpAddress peer = *IpAddress::parse(kPeer);
  const IpAddress proxy = *IpAddress::parse(kProxy);
  const Address before = found(values, format);
  CHECK(found(with_added(values, kPeer, format), format) == peer);
  CHECK(found(with_added(with_added(values, kPeer, format), kProxy, format), format) == peer);
  const Address after = found(with_added(values, kProxy, format), format);
  const bool was_missing = !before && before.error() == ForwardedError::missing;
  CHECK(after == (was_missing ? Address(proxy) : before));
  // A proxy may as well add a header of its own.
  Values more = values;
  more.emplace_back();
  if (more.size() <= RequestHead::kMaxHeaders) {
    CHECK(found(with_added(more, kPeer, format), format) == peer);
  }
}

// As a quoted string (RFC 9110 §5.6.4).
std::string quoted(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') made += '\\';
    made += c;
  }
  return made + '"';
}

// An honest proxy may pass on what the peer has sent as his Host, too.
void check_quoted(const Values& values, std::string_view text) {
  const std::string peer_and_host = std::string(kPeer) + ";host=" + quoted(text);
  CHECK(found(with_added(values, peer_and_host, ForwardedFormat::rfc7239),
              ForwardedFormat::rfc7239) == *IpAddress::parse(kPeer));
}

// Item by item: the first from the right that is not a trusted address, or else the last.
Address found_plainly(const Values& values) {
  std::string list;
  for (const std::string& value : values) list += value + ",";
  Address leftmost = Unexpected<ForwardedError>(ForwardedError::missing);
  while (!list.empty()) {
    list.pop_back();  // The comma.
    const std::size_t begin = list.rfind(',') + 1;
    const std::string item = list.substr(begin);
    list.resize(begin);
    if (item.find_first_not_of(" \t") == std::string::npos) continue;
    leftmost = found({item}, ForwardedFormat::address_list);
    if (!leftmost || !trusted().contain(*leftmost)) break;
  }
  return leftmost;
}

Values lines_of(std::string_view text) {
  Values values(1);
  for (const char c : text) {
    if (c != '\n') {
      values.back() += c;
    } else if (values.size() < RequestHead::kMaxHeaders) {
      values.emplace_back();
    }
  }
  return values;
}

void check(std::string_view text) {
  const Values values = lines_of(text);
  check_added(values, ForwardedFormat::address_list);
  check_added(values, ForwardedFormat::rfc7239);
  check_quoted(values, text);
  CHECK(found(values, ForwardedFormat::address_list) == found_plainly(values));
  // Without quotes, an element is an item with a name before it.
  if (values.size() > 1 || text.find_first_of("\",;= \t") != std::string_view::npos) return;
  const Address address = found(values, ForwardedFormat::address_list);
  if (address) CHECK(found({"for=" + values[0]}, ForwardedFormat::rfc7239) == address);
}

}  // namespace
}  // namespace aquatic::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  aquatic::http::check(aquatic::as_text(std::as_bytes(std::span(data, size))));
  return 0;
}
