// SPDX-License-Identifier: Apache-2.0
#include "load_test/session_description.h"

#include <array>
#include <cstring>

#include "base/bytes.h"
#include "base/check.h"

namespace aquatic::load_test {
namespace {

// As JSON writes it, with line ends as in a real one. The note follows.
constexpr std::string_view kHead = R"("v=0\r\ns=-\r\na=)";
// What real ones have most of. Escapes have two characters, so no line is cut.
constexpr std::string_view kLine =
    R"(\r\na=candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host generation 0)";

constexpr std::size_t kConnectionAt = OfferId::kBytes;
constexpr std::size_t kSentAt = kConnectionAt + sizeof(SessionDescription::Note::connection);
constexpr std::size_t kNoteBytes = kSentAt + sizeof(SessionDescription::Note::sent_ns);
constexpr std::size_t kNoteBegin = kHead.size() + 1;  // Behind the kind.
constexpr std::size_t kNoteEnd = kNoteBegin + 2 * kNoteBytes;
static_assert(kNoteEnd + 1 <= SessionDescription::kMinBytes);

constexpr char digit_of(unsigned value) noexcept { return "0123456789abcdef"[value & 0xf]; }

// Above 15 if it is none.
constexpr unsigned value_of(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
  return 16;
}

}  // namespace

SessionDescription::SessionDescription(Kind kind, std::size_t bytes) : text_(kHead) {
  CHECK(bytes >= kMinBytes);
  text_ += static_cast<char>(kind);
  text_.append(2 * kNoteBytes, '0');
  while (text_.size() + kLine.size() + 1 <= bytes) text_ += kLine;
  text_.append(bytes - 1 - text_.size(), 'x');
  text_ += '"';
}

std::string_view SessionDescription::write(const Note& note) noexcept {
  std::array<std::byte, kNoteBytes> bytes;
  std::memcpy(bytes.data(), note.offer_id.bytes.data(), OfferId::kBytes);
  store_big_endian(bytes.data() + kConnectionAt, note.connection);
  store_big_endian(bytes.data() + kSentAt, note.sent_ns);
  char* to = text_.data() + kNoteBegin;
  for (const std::byte byte : bytes) {
    *to++ = digit_of(std::to_integer<unsigned>(byte) >> 4);
    *to++ = digit_of(std::to_integer<unsigned>(byte));
  }
  return text_;
}

std::optional<SessionDescription::Note> SessionDescription::read(
    std::string_view token) const noexcept {
  const std::string_view ours = text_;
  if (token.size() != ours.size() || token.substr(0, kNoteBegin) != ours.substr(0, kNoteBegin) ||
      token.substr(kNoteEnd) != ours.substr(kNoteEnd)) {
    return std::nullopt;
  }
  std::array<std::byte, kNoteBytes> bytes;
  const char* from = token.data() + kNoteBegin;
  for (std::byte& byte : bytes) {
    const unsigned high = value_of(*from++);
    const unsigned low = value_of(*from++);
    if ((high | low) > 0xf) return std::nullopt;
    byte = static_cast<std::byte>(high << 4 | low);
  }
  Note note;
  std::memcpy(note.offer_id.bytes.data(), bytes.data(), OfferId::kBytes);
  note.connection = load_big_endian<std::uint32_t>(bytes.data() + kConnectionAt);
  note.sent_ns = load_big_endian<std::uint64_t>(bytes.data() + kSentAt);
  return note;
}

}  // namespace aquatic::load_test
