// SPDX-License-Identifier: Apache-2.0
// What offers and answers carry from peer to peer: a text of a fixed length that says who wrote it,
// when, and for which offer, so that the receiver sees whether it is whole and where it belongs.
//
// Belongs to one worker.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/info_hash.h"

namespace aquatic::load_test {

class SessionDescription {
 public:
  enum class Kind : char { offer = 'o', answer = 'a' };

  struct Note {
    OfferId offer_id;
    std::uint32_t connection = 0;  // Whose it is.
    std::uint64_t sent_ns = 0;

    friend bool operator==(const Note&, const Note&) = default;
  };

  // The least length: what surrounds the note, and it.
  static constexpr std::size_t kMinBytes = 128;

  // Requires: at least kMinBytes.
  SessionDescription(Kind kind, std::size_t bytes);

  // A JSON string with its quotes, valid until the next call.
  std::string_view write(const Note& note) noexcept;
  // The note of a JSON string that write() has made, of the same kind and length; nothing if a
  // single character differs from such a one.
  std::optional<Note> read(std::string_view token) const noexcept;

 private:
  std::string text_;
};

}  // namespace aquatic::load_test
