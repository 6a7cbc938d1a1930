// SPDX-License-Identifier: Apache-2.0
// The target of a request: where it goes and its query, with percent-encoding.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_buffer.h"
#include "base/bytes.h"

namespace aquatic::http {

struct Target {
  std::string_view path;   // "/announce"
  std::string_view query;  // Without the question mark; empty if there is none.
};

// Splits the origin form, "/announce?a=b", and the absolute form, "http://host/announce?a=b"
// (RFC 9112 §3.2). A fragment is cut off. Anything else has an empty path.
Target split_target(std::string_view target) noexcept;

enum class Route : std::uint8_t { announce, scrape, health, unknown };

// /announce, /scrape and /health; the first two also behind one arbitrary segment, as in
// "/passkey/announce".
Route route_of(std::string_view path) noexcept;

// The parts of a query between `&`, in their order, each a key and a value, still encoded. A part
// without `=` is a key with an empty value; empty parts are passed over.
struct Parameter {
  std::string_view key;
  std::string_view value;
};
class Parameters {
 public:
  explicit Parameters(std::string_view query) noexcept : rest_(query) {}
  std::optional<Parameter> next() noexcept;

 private:
  std::string_view rest_;
};

// Decodes %XX; every other byte, `+` too, stands for itself. Returns how many bytes it makes, or
// nothing for a broken %XX or more than fit into `out`.
std::optional<std::size_t> percent_decode(std::string_view text, MutableBytes out) noexcept;
// Appends with everything encoded that is not unreserved (RFC 3986 §2.3).
void percent_encode(Bytes bytes, ByteBuffer& out);

}  // namespace aquatic::http
