// SPDX-License-Identifier: Apache-2.0
// The value of a key as a file holds it, and its way into and out of the types of settings.
#pragma once
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "config/types.h"

namespace aquatic::config {

using Scalar = std::variant<bool, std::int64_t, double, std::string>;

// As TOML has it: true, 5, 0.5, "text".
std::string written(const Scalar& scalar);

// How a value of an enumeration with these words is to be written: `one of "a", "b"`.
std::string form_of_words(const std::string_view* words, std::size_t count);

template <class T>
concept Number = (std::integral<T> && !std::same_as<T, bool>) || std::floating_point<T>;

template <class T>
Scalar to_scalar(const T& value) {
  if constexpr (std::same_as<T, bool> || std::same_as<T, std::string>) {
    return value;
  } else if constexpr (std::is_enum_v<T>) {
    const auto index = static_cast<std::size_t>(value);
    CHECK(index < kWords<T>.size());
    return std::string(kWords<T>[index]);
  } else if constexpr (std::integral<T>) {
    return static_cast<std::int64_t>(value);
  } else if constexpr (std::floating_point<T>) {
    return static_cast<double>(value);
  } else {
    return value.to_string();
  }
}

// Nothing if the value is of another type or cannot be held.
template <class T>
std::optional<T> from_scalar(const Scalar& scalar) {
  if constexpr (std::same_as<T, bool>) {
    if (const bool* value = std::get_if<bool>(&scalar)) return *value;
  } else if constexpr (std::integral<T>) {
    const auto* value = std::get_if<std::int64_t>(&scalar);
    if (value && std::in_range<T>(*value)) return static_cast<T>(*value);
  } else if constexpr (std::floating_point<T>) {
    if (const double* value = std::get_if<double>(&scalar)) return static_cast<T>(*value);
    if (const auto* whole = std::get_if<std::int64_t>(&scalar)) return static_cast<T>(*whole);
  } else if (const auto* text = std::get_if<std::string>(&scalar)) {
    if constexpr (std::same_as<T, std::string>) {
      return *text;
    } else if constexpr (std::is_enum_v<T>) {
      const auto word = std::find(kWords<T>.begin(), kWords<T>.end(), *text);
      if (word != kWords<T>.end()) return static_cast<T>(word - kWords<T>.begin());
    } else {
      return T::parse(*text);
    }
  }
  return std::nullopt;
}

// What a setting of this type may be, as the end of "… must be".
template <class T>
std::string form_of() {
  if constexpr (std::same_as<T, bool>) {
    return "true or false";
  } else if constexpr (std::same_as<T, std::string>) {
    return "a text in quotes";
  } else if constexpr (std::is_enum_v<T>) {
    static_assert(!kWords<T>.empty(), "specialise kWords for this enumeration");
    return form_of_words(kWords<T>.data(), kWords<T>.size());
  } else {
    return T::form();
  }
}

template <Number T>
std::string form_of(T least, T greatest) {
  const std::string kind = std::integral<T> ? "a whole number from " : "a number from ";
  return kind + written(to_scalar(least)) + " to " + written(to_scalar(greatest));
}

}  // namespace aquatic::config
