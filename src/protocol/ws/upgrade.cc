// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/upgrade.h"

#include <sodium.h>

#include <array>
#include <boost/uuid/detail/sha1.hpp>

#include "protocol/http/header_list.h"
#include "protocol/http/request_head.h"
#include "protocol/http/response_head.h"

namespace aquatic::ws {
namespace {

using http::equals_ignoring_case;

constexpr std::string_view kVersion = "13";
// What the accepting side appends to the key, so that no other server accepts by chance (§1.3).
constexpr std::string_view kKeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kDigestBytes = 20;  // SHA-1.
constexpr int kBase64 = sodium_base64_VARIANT_ORIGINAL;

// Base64 with its padding, as text that lies in itself.
template <std::size_t kCount>
class Base64 {
 public:
  explicit Base64(std::span<const std::byte, kCount> bytes) noexcept {
    sodium_bin2base64(text_.data(), text_.size(),
                      reinterpret_cast<const unsigned char*>(bytes.data()), kCount, kBase64);
  }
  std::string_view text() const noexcept { return {text_.data(), text_.size() - 1}; }

 private:
  std::array<char, sodium_base64_ENCODED_LEN(kCount, kBase64)> text_;  // Ends with a NUL.
};

Base64<kDigestBytes> accept_of(std::string_view key) noexcept {
  boost::uuids::detail::sha1 sha1;
  sha1.process_bytes(key.data(), key.size());
  sha1.process_bytes(kKeySuffix.data(), kKeySuffix.size());
  boost::uuids::detail::sha1::digest_type words;
  sha1.get_digest(words);
  std::array<std::byte, kDigestBytes> digest;
  for (std::size_t i = 0; i < std::size(words); ++i) {
    store_big_endian(digest.data() + i * sizeof(words[i]), words[i]);
  }
  return Base64<kDigestBytes>(digest);
}

// The only way in which sixteen bytes are written.
bool is_key(std::string_view key) noexcept {
  std::array<unsigned char, kNonceBytes> nonce;
  std::size_t nonce_bytes = 0;
  const char* end = nullptr;
  return sodium_base642bin(nonce.data(), nonce.size(), key.data(), key.size(), nullptr,
                           &nonce_bytes, &end, kBase64) == 0 &&
         nonce_bytes == kNonceBytes && end == key.data() + key.size();
}

bool has_item(std::string_view list, std::string_view wanted) noexcept {
  http::ListItems items(list);
  while (const auto item = items.next()) {
    if (equals_ignoring_case(*item, wanted)) return true;
  }
  return false;
}

// A header that may be there once.
struct Single {
  std::string_view value;
  std::size_t count = 0;

  void add(std::string_view more) noexcept {
    value = more;
    ++count;
  }
};

// What both sides say, each in its own direction.
struct Headers {
  bool has_upgrade = false;     // Upgrade: websocket
  bool has_connection = false;  // Connection: Upgrade
  Single key;
  Single version;
  Single origin;
  Single accept;
  bool has_extras = false;  // An extension or a subprotocol.

  void add(std::string_view name, std::string_view value) noexcept;
};

void Headers::add(std::string_view name, std::string_view value) noexcept {
  if (equals_ignoring_case(name, "upgrade")) {
    has_upgrade |= has_item(value, "websocket");
  } else if (equals_ignoring_case(name, "connection")) {
    has_connection |= has_item(value, "upgrade");
  } else if (equals_ignoring_case(name, "sec-websocket-key")) {
    key.add(value);
  } else if (equals_ignoring_case(name, "sec-websocket-version")) {
    version.add(value);
  } else if (equals_ignoring_case(name, "origin")) {
    origin.add(value);
  } else if (equals_ignoring_case(name, "sec-websocket-accept")) {
    accept.add(value);
  } else if (equals_ignoring_case(name, "sec-websocket-extensions") ||
             equals_ignoring_case(name, "sec-websocket-protocol")) {
    has_extras = true;
  }
}

Unexpected<UpgradeError> refuse(UpgradeError error) noexcept {
  return Unexpected<UpgradeError>(error);
}

// Those of a response, whose lines were checked before.
Headers headers_of(std::string_view head) noexcept {
  constexpr std::string_view kLineEnd = "\r\n";
  Headers headers;
  for (std::size_t end = head.find(kLineEnd); end != std::string_view::npos;) {
    const std::size_t begin = end + kLineEnd.size();
    end = head.find(kLineEnd, begin);
    const std::string_view line = head.substr(begin, end - begin);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    headers.add(line.substr(0, colon), http::trim(line.substr(colon + 1)));
  }
  return headers;
}

}  // namespace

Expected<Upgrade, UpgradeError> decode_upgrade(const http::RequestHead& head) noexcept {
  Headers headers;
  for (const http::Header& header : head.headers()) headers.add(header.name, header.value);
  if (!headers.has_upgrade) return refuse(UpgradeError::not_asked_for);
  if (head.method != "GET" || head.minor_version != 1 || !headers.has_connection ||
      head.has_body() || headers.origin.count > 1) {
    return refuse(UpgradeError::malformed);
  }
  // Before the key: other versions may have none.
  if (headers.version.count != 1 || headers.version.value != kVersion) {
    return refuse(UpgradeError::bad_version);
  }
  if (headers.key.count != 1 || !is_key(headers.key.value)) return refuse(UpgradeError::malformed);
  return Upgrade{headers.key.value, headers.origin.value};
}

void encode_upgrade_response(std::string_view key, ByteBuffer& out) {
  out.append(
      "HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ");
  out.append(accept_of(key).text());
  out.append("\r\n\r\n");
}

void encode_version_refusal(ByteBuffer& out) {
  out.append(
      "HTTP/1.1 426 Upgrade Required\r\n"
      "Upgrade: websocket\r\n"
      "Connection: Upgrade, close\r\n"
      "Sec-WebSocket-Version: ");
  out.append(kVersion);
  out.append("\r\nContent-Length: 0\r\n\r\n");
}

void encode_upgrade_request(std::string_view host, std::string_view target,
                            std::span<const std::byte, 16> nonce, ByteBuffer& out) {
  const Base64<kNonceBytes> key(nonce);
  const std::array<http::Header, 4> headers = {{{"Upgrade", "websocket"},
                                                {"Connection", "Upgrade"},
                                                {"Sec-WebSocket-Key", key.text()},
                                                {"Sec-WebSocket-Version", kVersion}}};
  http::encode(http::GetRequest{.target = target, .host = host, .headers = headers}, out);
}

Expected<std::size_t, UpgradeResponseError> decode_upgrade_response(
    Bytes input, std::span<const std::byte, 16> nonce) noexcept {
  using Error = UpgradeResponseError;
  const auto head = http::decode_response_head(input);
  if (!head) {
    return Unexpected<Error>(
        head.error() == http::ResponseHeadError::incomplete ? Error::incomplete : Error::malformed);
  }
  constexpr unsigned kSwitchingProtocols = 101;
  if (head->status != kSwitchingProtocols) return Unexpected<Error>(Error::refused);
  const Headers headers = headers_of(as_text(input.first(head->bytes)));
  const Base64<kNonceBytes> key(nonce);
  // We have offered no extension and no subprotocol, so there is none to accept (§4.1).
  const bool is_good = headers.has_upgrade && headers.has_connection && !headers.has_extras &&
                       headers.accept.count == 1 &&
                       headers.accept.value == accept_of(key.text()).text();
  if (!is_good) return Unexpected<Error>(Error::malformed);
  return head->bytes;
}

}  // namespace aquatic::ws
