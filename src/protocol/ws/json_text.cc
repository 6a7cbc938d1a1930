// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/json_text.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace aquatic::ws {
namespace {

// How a character is written. Eight bytes, so that it is copied by one load and one store.
struct Piece {
  std::array<char, 7> text{};
  std::uint8_t size = 0;
};
static_assert(sizeof(Piece) == 8);

constexpr std::size_t kMaxPieceBytes = 6;  // \u0000

constexpr Piece piece_of(unsigned character) noexcept {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const char low = static_cast<char>(character);
  if (character < 0x20) {
    return {{'\\', 'u', '0', '0', kDigits[character >> 4], kDigits[character & 0xf]}, 6};
  }
  if (low == '"' || low == '\\') return {{'\\', low}, 2};
  if (character < 0x80) return {{low}, 1};
  // UTF-8 of eleven bits.
  return {{static_cast<char>(0xc0 | character >> 6), static_cast<char>(0x80 | (character & 0x3f))},
          2};
}

constexpr std::array<Piece, 256> kPieces = [] {
  std::array<Piece, 256> pieces{};
  for (unsigned character = 0; character < pieces.size(); ++character) {
    pieces[character] = piece_of(character);
  }
  return pieces;
}();

}  // namespace

void append_byte_string(Bytes bytes, ByteBuffer& out) {
  constexpr std::size_t kQuotes = 2;
  // Each piece is stored whole, so the last one goes beyond its end.
  const MutableBytes room =
      out.room(kQuotes + bytes.size() * kMaxPieceBytes + sizeof(Piece) - kMaxPieceBytes);
  std::byte* to = room.data();
  *to++ = std::byte{'"'};
  for (const std::byte byte : bytes) {
    const Piece& piece = kPieces[std::to_integer<std::size_t>(byte)];
    std::memcpy(to, &piece, sizeof(piece));
    to += piece.size;
  }
  *to++ = std::byte{'"'};
  out.commit(static_cast<std::size_t>(to - room.data()));
}

bool decode_byte_string(std::string_view text, std::span<std::byte> to) noexcept {
  // Half of the characters of a hash take two bytes and half take one, at random: a branch on that
  // would be predicted wrongly half of the time.
  const auto* from = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::uint8_t* const end = from + text.size();
  for (std::byte& byte : to) {
    if (from == end) return false;
    const unsigned first = *from;
    const bool is_pair = first >= 0x80;
    // U+0080 to U+00BF begin with C2, the others up to U+00FF with C3.
    if (first > 0xc3) return false;
    from += is_pair;
    byte = static_cast<std::byte>(*from + ((first == 0xc3) << 6));
    ++from;
  }
  return from == end;
}

void append_escaped(std::string_view text, ByteBuffer& out) {
  for (const char c : text) {
    const auto character = static_cast<unsigned char>(c);
    const Piece& piece = kPieces[character];
    // Bytes of longer characters stay: these are UTF-8 already.
    out.append(character < 0x80 ? std::string_view(piece.text.data(), piece.size)
                                : std::string_view(&c, 1));
  }
}

}  // namespace aquatic::ws
