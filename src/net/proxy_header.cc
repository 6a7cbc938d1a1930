// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_header.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "base/check.h"

namespace aquatic::net {
namespace {

using Error = ProxyHeaderError;
using Result = Expected<ProxyHeader, Error>;

// Version 1: "PROXY TCP4 source destination port port\r\n".
constexpr std::string_view kPrefix1 = "PROXY ";
constexpr std::string_view kEnd1 = "\r\n";
constexpr std::size_t kMaxLineBytes = 107;  // The longest that it can get, its end included.

// Version 2, all in network order:
//   0  signature  12
//   12 version (4 bits), command (4 bits)
//   13 family (4 bits), transport (4 bits)
//   14 length of what follows: both addresses, both ports, anything
constexpr std::string_view kPrefix2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedBytes = 16;

constexpr unsigned kVersion = 2;
enum Command : unsigned { kLocal, kProxy, kCommands };
enum AddressFamily : unsigned { kUnspecified, kIpv4, kIpv6, kUnix, kFamilies };
enum Transport : unsigned { kNoTransport, kStream, kDatagram, kTransports };

// What the two addresses of a family and, for IP, their ports take.
constexpr std::array<std::size_t, kFamilies> kAddressBytes = {0, 12, 36, 216};
static_assert(kFixedBytes + kAddressBytes[kUnix] <= kMaxProxyHeaderBytes);

Unexpected<Error> malformed() noexcept { return Unexpected<Error>(Error::malformed); }
Unexpected<Error> incomplete() noexcept { return Unexpected<Error>(Error::incomplete); }

// The next word of a line whose words have one space between them. The last one leaves nothing.
std::string_view take_word(std::string_view& line) noexcept {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

std::optional<IpAddress> parse_address(std::string_view text, Family family) {
  const bool is_v6 = text.find(':') != std::string_view::npos;
  return is_v6 == (family == Family::ipv6) ? IpAddress::parse(text) : std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool has_leading_zero = text.size() > 1 && text.front() == '0';
  if (error != std::errc() || end != text.data() + text.size() || has_leading_zero) return {};
  return port;
}

// `line` is without its end and begins with the protocol.
Expected<std::optional<Endpoint>, Error> parse_line(std::string_view line) {
  const std::string_view protocol = take_word(line);
  if (protocol == "UNKNOWN") return std::nullopt;
  if (protocol != "TCP4" && protocol != "TCP6") return malformed();
  const Family family = protocol == "TCP4" ? Family::ipv4 : Family::ipv6;
  const auto source = parse_address(take_word(line), family);
  const auto destination = parse_address(take_word(line), family);
  const auto source_port = parse_port(take_word(line));
  if (!source || !destination || !source_port || !parse_port(line)) return malformed();
  return Endpoint{*source, *source_port};
}

Result decode_v1(std::string_view text) {
  const std::string_view head = text.substr(0, kMaxLineBytes);
  const std::size_t end = head.find(kEnd1);
  if (end == std::string_view::npos) {
    return head.size() < kMaxLineBytes ? incomplete() : malformed();
  }
  const auto source = parse_line(head.substr(kPrefix1.size(), end - kPrefix1.size()));
  if (!source) return Unexpected<Error>(source.error());
  return ProxyHeader{.source = *source, .bytes = end + kEnd1.size()};
}

Endpoint source_v2(AddressFamily family, const std::byte* addresses) noexcept {
  if (family == kIpv4) {
    constexpr std::size_t kBytes = IpAddress::kV4Bytes;
    return {IpAddress::v4(std::span<const std::byte, kBytes>(addresses, kBytes)),
            load_big_endian<std::uint16_t>(addresses + 2 * kBytes)};
  }
  constexpr std::size_t kBytes = IpAddress::kV6Bytes;
  return {IpAddress::v6(std::span<const std::byte, kBytes>(addresses, kBytes)),
          load_big_endian<std::uint16_t>(addresses + 2 * kBytes)};
}

Result decode_v2(Bytes input) noexcept {
  if (input.size() < kFixedBytes) return incomplete();
  const auto version_and_command = std::to_integer<unsigned>(input[12]);
  const auto family_and_transport = std::to_integer<unsigned>(input[13]);
  const std::size_t length = load_big_endian<std::uint16_t>(&input[14]);
  const unsigned command = version_and_command & 0xf;
  if (version_and_command >> 4 != kVersion || command >= kCommands) return malformed();
  if (kFixedBytes + length > kMaxProxyHeaderBytes) return malformed();
  const auto family = static_cast<AddressFamily>(family_and_transport >> 4);
  const unsigned transport = family_and_transport & 0xf;
  ProxyHeader header{.source = std::nullopt, .bytes = kFixedBytes + length};
  // The proxy's own connection: what else it says does not matter.
  const bool is_local = command == kLocal;
  if (!is_local && (family >= kFamilies || transport >= kTransports)) return malformed();
  if (!is_local && length < kAddressBytes[family]) return malformed();
  if (input.size() < header.bytes) return incomplete();
  const bool is_ip = family == kIpv4 || family == kIpv6;
  if (!is_local && is_ip && transport != kNoTransport) {
    header.source = source_v2(family, &input[kFixedBytes]);
  }
  return header;
}

bool begins_like(std::string_view text, std::string_view prefix) noexcept {
  const std::size_t length = std::min(text.size(), prefix.size());
  return text.substr(0, length) == prefix.substr(0, length);
}

}  // namespace

Expected<ProxyHeader, ProxyHeaderError> decode_proxy_header(Bytes input) noexcept {
  const std::string_view text = as_text(input);
  if (begins_like(text, kPrefix1)) {
    return text.size() < kPrefix1.size() ? Result(incomplete()) : decode_v1(text);
  }
  return begins_like(text, kPrefix2) ? decode_v2(input) : Result(malformed());
}

void encode_proxy_header_v1(const Endpoint& source, const Endpoint& destination, ByteBuffer& out) {
  CHECK(source.ip.family() == destination.ip.family());
  out.append(source.ip.is_v4() ? "PROXY TCP4 " : "PROXY TCP6 ");
  out.append(source.ip.to_string() + ' ' + destination.ip.to_string() + ' ' +
             std::to_string(source.port) + ' ' + std::to_string(destination.port));
  out.append(kEnd1);
}

void encode_proxy_header_v2(const Endpoint& source, const Endpoint& destination, ByteBuffer& out) {
  CHECK(source.ip.family() == destination.ip.family());
  const AddressFamily family = source.ip.is_v4() ? kIpv4 : kIpv6;
  std::array<std::byte, 8> numbers;  // What follows the signature, and then the two ports.
  numbers[0] = static_cast<std::byte>(kVersion << 4 | kProxy);
  numbers[1] = static_cast<std::byte>(family << 4 | kStream);
  store_big_endian(&numbers[2], static_cast<std::uint16_t>(kAddressBytes[family]));
  store_big_endian(&numbers[4], source.port);
  store_big_endian(&numbers[6], destination.port);
  out.append(kPrefix2);
  out.append(Bytes(numbers).first(4));
  out.append(source.ip.bytes());
  out.append(destination.ip.bytes());
  out.append(Bytes(numbers).last(4));
}

}  // namespace aquatic::net
