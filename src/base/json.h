// SPDX-License-Identifier: Apache-2.0
// What little JSON the control plane writes.
#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace aquatic {

// The text as the inside of a JSON string (RFC 8259 §7). Requires: UTF-8.
std::string escape_json(std::string_view text);

// The text as UTF-8 that everybody can read: where it is none, each byte above 0x7f becomes '?'.
std::string to_utf8(std::string_view text);

// Writes JSON from left to right, with the commas where they belong. Keys are ours and need no
// escaping; texts are anybody's.
//
//   JsonWriter json;
//   json.begin_object();
//   json.member("torrents", 3u);
//   json.key("clients").begin_array();
class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::unsigned_integral auto number) {
    return integer(static_cast<std::uint64_t>(number));
  }
  // With two decimals at most, and none from 100 on: for figures that are no more exact than that.
  // What is no number, or too large for 64 bits, is null.
  JsonWriter& value(double number);
  JsonWriter& null() { return raw("null"); }

  template <class T>
  JsonWriter& member(std::string_view name, const T& what) {
    return key(name).value(what);
  }

  const std::string& text() const& noexcept { return text_; }
  std::string text() && noexcept { return std::move(text_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& integer(std::uint64_t number);
  JsonWriter& raw(std::string_view text);
  void separate();

  std::string text_;
};

}  // namespace aquatic
