// SPDX-License-Identifier: Apache-2.0
// Reads the JSON of a message, value by value and in its order, and checks all of it.
//
// simdjson's On-Demand interface knows where a value stands in the message, which a tree of values
// would not, but checks only what it is asked for. So whoever visits a value reads it or passes
// over it with skip(), which checks it too: what was read to its end is JSON throughout, but that
// numbers have to fit a double. The first thing that is not makes every further call fail.
// Nothing allocates. Belongs to one thread.
#pragma once
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/ws/json_text.h"
#include "protocol/ws/padded_buffer.h"

namespace aquatic::ws {

using JsonValue = simdjson::ondemand::value;
using JsonType = simdjson::ondemand::json_type;

// What a key was found to have. A key that is repeated has its last value, as in JavaScript; so
// each is stored whole, over what was there.
enum class Found : std::uint8_t { nothing, bad, good };  // Nothing: absent or null.

template <class T>
struct Field {
  Found found = Found::nothing;
  T value{};

  bool is_good() const noexcept { return found == Found::good; }
};

struct JsonText {
  std::string_view text;   // The characters; they stay until the next message.
  std::string_view token;  // As it was written, with its quotes.
};

class JsonReader {
 public:
  // Containers inside of each other. Those that we know need four.
  static constexpr std::size_t kMaxDepth = 32;

  explicit JsonReader(std::size_t max_message_bytes);

  // Reads a message that is an object: calls visit(std::string_view key, JsonValue& value) for
  // each of its members, as the other functions do. Whether it is JSON.
  template <class Visit>
  bool read_message(PaddedBytes message, Visit visit) noexcept {
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    depth_ = 0;
    has_failed_ = !begin(message, document, object);
    if (!has_failed_) visit_members(object, visit);
    return !has_failed_ && is_at_end(document);
  }
  bool has_failed() const noexcept { return has_failed_; }

  // What the value begins like; nothing after a failure.
  std::optional<JsonType> type_of(JsonValue& value) noexcept;

  // Reads the members of an object, or the elements of an array by visit(JsonValue& value).
  // Requires: the value is one.
  template <class Visit>
  void read_object(JsonValue& value, Visit visit) noexcept {
    simdjson::ondemand::object object;
    if (check(value.get_object().get(object))) visit_members(object, visit);
  }
  template <class Visit>
  void read_array(JsonValue& value, Visit visit) noexcept {
    simdjson::ondemand::array array;
    if (!check(value.get_array().get(array)) || !enter()) return;
    for (auto element : array) {
      JsonValue each;
      if (!check(std::move(element).get(each))) return;
      visit(each);
      if (has_failed_) return;
    }
    --depth_;
  }

  // What is no string, no number or no byte string of that length is bad.
  Field<JsonText> string(JsonValue& value) noexcept;
  // The number, if it is one from zero to 2^64 - 1 without a fraction.
  Field<std::optional<std::uint64_t>> number(JsonValue& value) noexcept;
  // An InfoHash, PeerId or OfferId.
  template <class Id>
  Field<Id> id(JsonValue& value) noexcept {
    const Field<JsonText> field = string(value);
    Field<Id> id{.found = field.found};
    if (field.is_good() && !decode_byte_string(field.value.text, id.value.bytes)) {
      id.found = Found::bad;
    }
    return id;
  }

  // What an object has under one key, a string; null is nothing, every other value is bad.
  Field<JsonText> string_in(JsonValue& value, std::string_view key) noexcept;

  // Passes over a value.
  void skip(JsonValue& value) noexcept;

 private:
  bool begin(PaddedBytes message, simdjson::ondemand::document& document,
             simdjson::ondemand::object& object) noexcept;
  bool is_at_end(simdjson::ondemand::document& document) const noexcept;

  template <class Visit>
  void visit_members(simdjson::ondemand::object& object, Visit& visit) noexcept {
    if (!enter()) return;
    for (auto member : object) {
      simdjson::ondemand::field field;
      std::string_view key;
      if (!check(std::move(member).get(field)) || !check(field.unescaped_key().get(key))) return;
      visit(key, field.value());
      if (has_failed_) return;
    }
    --depth_;
  }

  bool check(simdjson::error_code error) noexcept {
    has_failed_ |= error != simdjson::SUCCESS;
    return !has_failed_;
  }
  bool enter() noexcept {
    has_failed_ |= ++depth_ > kMaxDepth;
    return !has_failed_;
  }
  // Passes over null: then nothing is found. Else the value is not what was wanted.
  Found skip_other(JsonValue& value) noexcept;

  simdjson::ondemand::parser parser_;
  std::size_t depth_ = 0;
  bool has_failed_ = false;
};

}  // namespace aquatic::ws
