// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/request.h"

#include <algorithm>
#include <array>
#include <limits>

#include "protocol/decimal.h"
#include "protocol/http/header_list.h"
#include "protocol/http/target.h"

namespace aquatic::http {
namespace {

// Keys that mean something, in the order in which they are looked at, and written.
enum class Key : std::uint8_t {
  info_hash,
  peer_id,
  port,
  uploaded,
  downloaded,
  left,
  event,
  num_want,
  compact,
  no_peer_id,
  ip,
  ipv4,
  ipv6,
  count,
};
constexpr auto kKeyCount = static_cast<std::size_t>(Key::count);
constexpr std::array<std::string_view, kKeyCount> kKeyNames = {
    "info_hash", "peer_id", "port",       "uploaded", "downloaded", "left", "event",
    "numwant",   "compact", "no_peer_id", "ip",       "ipv4",       "ipv6"};

constexpr std::array<std::string_view, 5> kEventNames = {"", "started", "stopped", "completed",
                                                         "paused"};

// What -1 stands for, as it does in programs that count in unsigned 64 bits.
constexpr std::uint64_t kUnknownLeft = std::numeric_limits<std::uint64_t>::max();

std::string_view name_of(Key key) noexcept { return kKeyNames[static_cast<std::size_t>(key)]; }

// A key or value as it was meant. Borrows from the query, or from here if anything was encoded.
class PlainText {
 public:
  // Nothing for a broken %XX and for what is longer than anything that we understand.
  std::optional<std::string_view> decode(std::string_view text) noexcept {
    if (text.find('%') == std::string_view::npos) return text;
    const auto bytes = percent_decode(text, bytes_);
    if (!bytes) return std::nullopt;
    return as_text(Bytes(bytes_).first(*bytes));
  }

 private:
  std::array<std::byte, 64> bytes_;  // An IPv6 address in brackets with a port has 54 at most.
};

// The values of an announce by key, still encoded. Of repeated ones the last.
class Values {
 public:
  explicit Values(std::string_view query) noexcept {
    Parameters parameters(query);
    while (const auto parameter = parameters.next()) {
      PlainText plain;
      const auto key = plain.decode(parameter->key);
      const auto name = std::find(kKeyNames.begin(), kKeyNames.end(), key);
      if (name == kKeyNames.end()) continue;
      values_[static_cast<std::size_t>(name - kKeyNames.begin())] = parameter->value;
    }
  }

  std::optional<std::string_view> operator[](Key key) const noexcept {
    return values_[static_cast<std::size_t>(key)];
  }

 private:
  std::array<std::optional<std::string_view>, kKeyCount> values_;
};

using Failed = std::optional<RequestError>;
constexpr Failed kNoError = std::nullopt;

// An info hash or a peer id.
template <class Id>
Failed read_id(std::optional<std::string_view> value, RequestError missing, RequestError bad,
               Id& id) noexcept {
  if (!value) return missing;
  if (percent_decode(*value, id.bytes) != Id::kBytes) return bad;
  return kNoError;
}

Failed read_port(std::optional<std::string_view> value, std::uint16_t& port) noexcept {
  if (!value) return RequestError::no_port;
  PlainText plain;
  port = parse_decimal<std::uint16_t>(plain.decode(*value).value_or("")).value_or(0);
  return port == 0 ? Failed(RequestError::bad_port) : kNoError;
}

// Trackers of private torrents count these; nothing here depends on them, so nothing is wrong.
std::uint64_t read_traffic(std::optional<std::string_view> value) noexcept {
  PlainText plain;
  return parse_decimal<std::uint64_t>(plain.decode(value.value_or("")).value_or("")).value_or(0);
}

Failed read_left(std::optional<std::string_view> value, std::uint64_t& left) noexcept {
  if (!value) return RequestError::no_left;
  PlainText plain;
  const std::string_view text = plain.decode(*value).value_or("");
  const auto number = text == "-1" ? kUnknownLeft : parse_decimal<std::uint64_t>(text);
  left = number.value_or(0);
  return number ? kNoError : Failed(RequestError::bad_left);
}

Failed read_event(std::optional<std::string_view> value, Event& event) noexcept {
  PlainText plain;
  const auto text = plain.decode(value.value_or(""));
  if (!text) return RequestError::bad_event;
  if (equals_ignoring_case(*text, "empty")) return kNoError;
  for (std::size_t i = 0; i < kEventNames.size(); ++i) {
    if (!equals_ignoring_case(*text, kEventNames[i])) continue;
    event = static_cast<Event>(i);
    return kNoError;
  }
  return RequestError::bad_event;
}

Failed read_num_want(std::optional<std::string_view> value,
                     std::optional<std::uint32_t>& num_want) noexcept {
  PlainText plain;
  const auto text = plain.decode(value.value_or(""));
  if (!text) return RequestError::bad_num_want;
  if (text->empty()) return kNoError;
  const bool is_negative = text->starts_with('-');
  const std::string_view digits = text->substr(is_negative);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return RequestError::bad_num_want;
  }
  if (is_negative) return kNoError;
  // More than any number is as many as there are.
  num_want = parse_decimal<std::uint32_t>(digits).value_or(std::numeric_limits<uint32_t>::max());
  return kNoError;
}

Failed read_compact(std::optional<std::string_view> value, bool& is_compact) noexcept {
  PlainText plain;
  const auto text = plain.decode(value.value_or(""));
  if (!text || (!text->empty() && *text != "0" && *text != "1")) return RequestError::bad_compact;
  is_compact = *text != "0";
  return kNoError;
}

// With or without a port; nothing if it is no address.
std::optional<IpAddress> read_address(std::optional<std::string_view> value) noexcept {
  PlainText plain;
  const auto text = plain.decode(value.value_or(""));
  if (!text) return std::nullopt;
  if (const auto ip = IpAddress::parse(*text)) return ip;
  const auto endpoint = Endpoint::parse(*text);
  return endpoint ? std::optional(endpoint->ip) : std::nullopt;
}

std::optional<IpAddress> read_address(std::optional<std::string_view> value,
                                      Family family) noexcept {
  const auto ip = read_address(value);
  return ip && ip->family() == family ? ip : std::nullopt;
}

// Reads all that can be wrong, and says what is, if anything.
Failed read_checked(const Values& values, AnnounceRequest& request) noexcept {
  using enum RequestError;
  Failed failed = read_id(values[Key::info_hash], no_info_hash, bad_info_hash, request.info_hash);
  if (!failed) failed = read_id(values[Key::peer_id], no_peer_id, bad_peer_id, request.peer_id);
  if (!failed) failed = read_port(values[Key::port], request.port);
  if (!failed) failed = read_left(values[Key::left], request.left);
  if (!failed) failed = read_event(values[Key::event], request.event);
  if (!failed) failed = read_num_want(values[Key::num_want], request.num_want);
  if (!failed) failed = read_compact(values[Key::compact], request.is_compact);
  return failed;
}

// Writes "name=", with what has to be before it.
class QueryWriter {
 public:
  explicit QueryWriter(ByteBuffer& out) noexcept : out_(out) {}

  void number(Key key, std::uint64_t value) {
    begin(key);
    append_decimal(value, out_);
  }
  void bytes(Key key, Bytes value) {
    begin(key);
    percent_encode(value, out_);
  }
  void text(Key key, std::string_view value) { bytes(key, as_bytes(value)); }
  void address(Key key, const std::optional<IpAddress>& ip) {
    if (ip) text(key, ip->to_string());
  }

 private:
  void begin(Key key) {
    if (!std::exchange(is_first_, false)) out_.append("&");
    out_.append(name_of(key));
    out_.append("=");
  }

  ByteBuffer& out_;
  bool is_first_ = true;
};

}  // namespace

std::string_view text_of(RequestError error) noexcept {
  switch (error) {
    case RequestError::no_info_hash: return "info_hash is missing";
    case RequestError::bad_info_hash: return "info_hash must be 20 bytes, percent-encoded";
    case RequestError::no_peer_id: return "peer_id is missing";
    case RequestError::bad_peer_id: return "peer_id must be 20 bytes, percent-encoded";
    case RequestError::no_port: return "port is missing";
    case RequestError::bad_port: return "port must be a number from 1 to 65535";
    case RequestError::no_left: return "left is missing";
    case RequestError::bad_left: return "left must be a number of bytes";
    case RequestError::bad_event:
      return "event must be started, stopped, completed, paused or empty";
    case RequestError::bad_num_want: return "numwant must be a number";
    case RequestError::bad_compact: return "compact must be 0 or 1";
  }
  return "";
}

Expected<AnnounceRequest, RequestError> decode_announce(std::string_view query) noexcept {
  const Values values(query);
  AnnounceRequest request;
  if (const Failed failed = read_checked(values, request)) {
    return Unexpected<RequestError>(*failed);
  }
  request.uploaded = read_traffic(values[Key::uploaded]);
  request.downloaded = read_traffic(values[Key::downloaded]);
  request.has_no_peer_id = values[Key::no_peer_id] == "1";
  request.ip = read_address(values[Key::ip]);
  request.ipv4 = read_address(values[Key::ipv4], Family::ipv4);
  request.ipv6 = read_address(values[Key::ipv6], Family::ipv6);
  return request;
}

void encode(const AnnounceRequest& request, ByteBuffer& out) {
  QueryWriter writer(out);
  writer.bytes(Key::info_hash, request.info_hash.bytes);
  writer.bytes(Key::peer_id, request.peer_id.bytes);
  writer.number(Key::port, request.port);
  // Not everyone has a default for the next two.
  writer.number(Key::uploaded, request.uploaded);
  writer.number(Key::downloaded, request.downloaded);
  writer.number(Key::left, request.left);
  if (request.event != Event::none) {
    writer.text(Key::event, kEventNames[static_cast<std::size_t>(request.event)]);
  }
  if (request.num_want) writer.number(Key::num_want, *request.num_want);
  // Old trackers answer the long form unless told.
  writer.number(Key::compact, request.is_compact ? 1 : 0);
  if (request.has_no_peer_id) writer.number(Key::no_peer_id, 1);
  writer.address(Key::ip, request.ip);
  writer.address(Key::ipv4, request.ipv4);
  writer.address(Key::ipv6, request.ipv6);
}

Expected<ScrapedHashes, RequestError> decode_scrape(std::string_view query,
                                                    std::span<InfoHash> out) noexcept {
  ScrapedHashes hashes;
  Parameters parameters(query);
  while (const auto parameter = parameters.next()) {
    PlainText plain;
    if (plain.decode(parameter->key) != name_of(Key::info_hash)) continue;
    if (hashes.count == out.size()) {
      hashes.has_more = true;
      break;
    }
    InfoHash& info_hash = out[hashes.count];
    if (percent_decode(parameter->value, info_hash.bytes) != InfoHash::kBytes) {
      return Unexpected<RequestError>(RequestError::bad_info_hash);
    }
    ++hashes.count;
  }
  return hashes;
}

void encode_scrape(std::span<const InfoHash> info_hashes, ByteBuffer& out) {
  QueryWriter writer(out);
  for (const InfoHash& info_hash : info_hashes) writer.bytes(Key::info_hash, info_hash.bytes);
}

}  // namespace aquatic::http
