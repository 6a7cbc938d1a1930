// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/json_reader.h"

#include "base/check.h"

namespace aquatic::ws {
namespace {

static_assert(kPaddingBytes >= simdjson::SIMDJSON_PADDING);

// Without the white space between it and what comes next.
std::string_view trimmed(std::string_view token) noexcept {
  return token.substr(0, token.find_last_not_of(" \t\n\r") + 1);
}

}  // namespace

JsonReader::JsonReader(std::size_t max_message_bytes) : parser_(max_message_bytes) {
  CHECK(parser_.allocate(max_message_bytes, kMaxDepth + 1) == simdjson::SUCCESS);
}

bool JsonReader::begin(PaddedBytes message, simdjson::ondemand::document& document,
                       simdjson::ondemand::object& object) noexcept {
  const std::string_view text = as_text(message.bytes);
  return parser_.iterate(text, text.size() + kPaddingBytes).get(document) == simdjson::SUCCESS &&
         document.get_object().get(object) == simdjson::SUCCESS;
}

// simdjson does not look at what comes behind the object.
bool JsonReader::is_at_end(simdjson::ondemand::document& document) const noexcept {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

std::optional<JsonType> JsonReader::type_of(JsonValue& value) noexcept {
  JsonType type;
  if (has_failed_ || !check(value.type().get(type))) return std::nullopt;
  return type;
}

Field<JsonText> JsonReader::string(JsonValue& value) noexcept {
  if (type_of(value) != JsonType::string) return {.found = skip_other(value)};
  JsonText read;
  read.token = trimmed(value.raw_json_token());
  if (!check(value.get_string().get(read.text))) return {.found = Found::bad};
  return {.found = Found::good, .value = read};
}

Field<std::optional<std::uint64_t>> JsonReader::number(JsonValue& value) noexcept {
  if (type_of(value) != JsonType::number) return {.found = skip_other(value)};
  std::uint64_t number = 0;
  if (value.get_uint64().get(number) == simdjson::SUCCESS) {
    return {.found = Found::good, .value = number};
  }
  skip(value);
  return {.found = Found::good};
}

Field<JsonText> JsonReader::string_in(JsonValue& value, std::string_view key) noexcept {
  if (type_of(value) != JsonType::object) return {.found = skip_other(value)};
  Field<JsonText> field;
  read_object(value, [&](std::string_view name, JsonValue& member) {
    if (name == key) {
      field = string(member);
    } else {
      skip(member);
    }
  });
  if (!field.is_good()) field.found = Found::bad;
  return field;
}

Found JsonReader::skip_other(JsonValue& value) noexcept {
  const bool is_null = type_of(value) == JsonType::null;
  skip(value);
  return is_null ? Found::nothing : Found::bad;
}

void JsonReader::skip(JsonValue& value) noexcept {
  const auto type = type_of(value);
  if (!type) return;
  switch (*type) {
    case JsonType::object:
      return read_object(value, [this](std::string_view, JsonValue& member) { skip(member); });
    case JsonType::array: return read_array(value, [this](JsonValue& element) { skip(element); });
    case JsonType::string: check(value.get_string().error()); break;
    case JsonType::number: check(value.get_double().error()); break;
    case JsonType::boolean: check(value.get_bool().error()); break;
    case JsonType::null: check(value.is_null().error()); break;
  }
}

}  // namespace aquatic::ws
