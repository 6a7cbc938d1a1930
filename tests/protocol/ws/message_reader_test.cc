// SPDX-License-Identifier: Apache-2.0
#include "protocol/ws/message_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hex.h"

namespace aquatic::ws {
namespace {

using test::hex;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr MaskingKey kKey = 0x3d21fa37;

// A frame of a client.
std::string frame(Opcode opcode, std::string_view payload, bool is_final = true) {
  ByteBuffer out;
  encode_frame(opcode, as_bytes(payload), out, kKey, is_final);
  return std::string(out.text());
}
std::string first(std::string_view payload) { return frame(Opcode::text, payload, false); }
std::string more(std::string_view payload) { return frame(Opcode::continuation, payload, false); }
std::string last(std::string_view payload) { return frame(Opcode::continuation, payload); }

std::string close_frame(unsigned code, std::string_view reason = "") {
  std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code)};
  payload += reason;
  return frame(Opcode::close, payload);
}

// A message as one line: "text Hello", "ping x", "close 1000 bye", or "error 1002".
std::string describe(const Received& received) {
  if (const auto* message = std::get_if<Message>(&received)) {
    return (message->is_text ? "text " : "binary ") + std::string(as_text(message->payload.bytes));
  }
  if (const auto* ping = std::get_if<Ping>(&received)) {
    return "ping " + std::string(as_text(ping->payload));
  }
  if (const auto* pong = std::get_if<Pong>(&received)) {
    return "pong " + std::string(as_text(pong->payload));
  }
  const auto& close = std::get<Close>(received);
  return "close " + (close.code ? std::to_string(*close.code) : "-") + " " +
         std::string(close.reason);
}

// One connection, whose stream keeps what the reader leaves.
class Connection {
 public:
  explicit Connection(const MessageLimits& limits = {}, Side sender = Side::client)
      : reader_(sender, limits) {}

  void feed(std::string_view bytes) {
    if (is_over_) return;
    stream_ += bytes;
    // Exactly what has arrived, for AddressSanitizer to watch its end.
    const std::vector<char> exact(stream_.begin(), stream_.end());
    Bytes input = as_bytes({exact.data(), exact.size()});
    while (!is_over_ && take(input)) {
    }
    stream_ = std::string(as_text(input));
  }

  std::vector<std::string> events;
  PartialMessage partial;
  const std::string& left() const { return stream_; }

 private:
  bool take(Bytes& input) {
    const auto received = reader_.next(input, partial);
    if (!received) {
      is_over_ = true;
      const auto code = close_code_of(received.error());
      events.push_back("error " + std::to_string(static_cast<unsigned>(code)));
      return false;
    }
    if (!*received) return false;
    events.push_back(describe(**received));
    return true;
  }

  MessageReader reader_;
  std::string stream_;
  bool is_over_ = false;
};

std::vector<std::string> events_of(std::string_view bytes, const MessageLimits& limits = {}) {
  Connection connection(limits);
  connection.feed(bytes);
  return connection.events;
}

TEST(MessageReader, TakesWholeMessages) {
  EXPECT_THAT(events_of(frame(Opcode::text, "Hello") + frame(Opcode::binary, "\x01\xff") +
                        frame(Opcode::text, "")),
              ElementsAre("text Hello", "binary \x01\xff", "text "));
}

TEST(MessageReader, TakesWhatServersSend) {
  Connection connection({}, Side::server);
  ByteBuffer out;
  encode_frame(Opcode::text, as_bytes("Hel"), out, std::nullopt, false);
  encode_frame(Opcode::continuation, as_bytes("lo"), out);
  encode_close(CloseCode::going_away, "bye", out);
  connection.feed(out.text());
  EXPECT_THAT(connection.events, ElementsAre("text Hello", "close 1001 bye"));
}

TEST(MessageReader, RefusesWhatTheOtherSideWouldSend) {
  Connection connection({}, Side::server);
  connection.feed(frame(Opcode::text, "Hello"));
  EXPECT_THAT(connection.events, ElementsAre("error 1002"));
}

TEST(MessageReader, PutsFragmentsTogether) {
  EXPECT_THAT(events_of(first("Hel") + more("") + more("lo, ") + last("world")),
              ElementsAre("text Hello, world"));
  EXPECT_THAT(events_of(first("") + last("")), ElementsAre("text "));
  EXPECT_THAT(events_of(frame(Opcode::binary, "\xff", false) + last("\xfe")),
              ElementsAre("binary \xff\xfe"));
}

TEST(MessageReader, TakesControlFramesBetweenFragments) {
  EXPECT_THAT(events_of(first("Hel") + frame(Opcode::ping, "1") + more("l") +
                        frame(Opcode::pong, "2") + last("o") + close_frame(1000)),
              ElementsAre("ping 1", "pong 2", "text Hello", "close 1000 "));
}

// Wherever the stream is cut, the same messages come out.
TEST(MessageReader, WaitsForWhatIsMissing) {
  const std::string stream = frame(Opcode::text, "one") + first("t") + frame(Opcode::ping, "!") +
                             last("wo") + frame(Opcode::text, std::string(300, 'x')) +
                             close_frame(1000, "bye");
  const std::vector<std::string> whole = events_of(stream);
  EXPECT_EQ(whole.size(), 5u);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    Connection connection;
    connection.feed(std::string_view(stream).substr(0, cut));
    connection.feed(std::string_view(stream).substr(cut));
    EXPECT_EQ(connection.events, whole) << cut;
  }
  Connection connection;
  for (const char byte : stream) connection.feed({&byte, 1});
  EXPECT_EQ(connection.events, whole);
  EXPECT_THAT(connection.left(), IsEmpty());
}

TEST(MessageReader, KeepsNothingBetweenMessages) {
  Connection connection;
  connection.feed(first("Hel"));
  EXPECT_TRUE(connection.partial.is_begun());
  EXPECT_THAT(connection.left(), IsEmpty());  // What is kept is not left with the stream, too.
  EXPECT_GT(connection.partial.payload.capacity(), 0u);
  connection.feed(last("lo") + frame(Opcode::text, "x"));
  EXPECT_FALSE(connection.partial.is_begun());
  EXPECT_EQ(connection.partial.payload.capacity(), 0u);
  connection.feed(frame(Opcode::text, std::string(1000, 'x')).substr(0, 500));
  EXPECT_EQ(connection.partial.payload.capacity(), 0u);
}

TEST(MessageReader, EndlessFragmentsOfNothingTakeNoMemory) {
  Connection connection;
  connection.feed(first(""));
  for (int i = 0; i < 1000; ++i) connection.feed(more(""));
  EXPECT_EQ(connection.partial.payload.capacity(), 0u);
  EXPECT_TRUE(connection.partial.is_begun());
}

TEST(MessageReader, RefusesFragmentsOutOfPlace) {
  EXPECT_THAT(events_of(last("x")), ElementsAre("error 1002"));
  EXPECT_THAT(events_of(more("x")), ElementsAre("error 1002"));
  EXPECT_THAT(events_of(first("x") + first("y")), ElementsAre("error 1002"));
  EXPECT_THAT(events_of(first("x") + frame(Opcode::binary, "y")), ElementsAre("error 1002"));
  EXPECT_THAT(events_of(first("x") + last("y") + last("z")), ElementsAre("text xy", "error 1002"));
}

TEST(MessageReader, RefusesBadFrames) {
  for (const auto* bytes : {"c1", "83", "09", "89fe", "8105", "81fe0001", "81ff8000000000000000"}) {
    EXPECT_THAT(events_of(as_text(hex(bytes))), ElementsAre("error 1002")) << bytes;
  }
}

TEST(MessageReader, LimitsFrames) {
  const MessageLimits limits{.max_frame_bytes = 1000, .max_message_bytes = 5000};
  EXPECT_THAT(events_of(frame(Opcode::text, std::string(1000, 'x')), limits),
              ElementsAre("text " + std::string(1000, 'x')));
  EXPECT_THAT(events_of(frame(Opcode::text, std::string(1001, 'x')), limits),
              ElementsAre("error 1009"));
  // The header is enough.
  EXPECT_THAT(events_of(frame(Opcode::text, std::string(1001, 'x')).substr(0, 8), limits),
              ElementsAre("error 1009"));
  EXPECT_THAT(events_of(first("x") + last(std::string(1001, 'x')), limits),
              ElementsAre("error 1009"));
}

TEST(MessageReader, LimitsMessages) {
  const MessageLimits limits{.max_frame_bytes = 1000, .max_message_bytes = 1500};
  const std::string large(1000, 'x');
  EXPECT_THAT(events_of(first(large) + last(std::string(500, 'x')), limits),
              ElementsAre("text " + std::string(1500, 'x')));
  EXPECT_THAT(events_of(first(large) + last(std::string(501, 'x')), limits),
              ElementsAre("error 1009"));
  EXPECT_THAT(events_of(first(large) + more(std::string(500, 'x')) + more("x"), limits),
              ElementsAre("error 1009"));
  const MessageLimits small{.max_frame_bytes = 1000, .max_message_bytes = 10};
  EXPECT_THAT(events_of(frame(Opcode::text, "0123456789"), small), ElementsAre("text 0123456789"));
  EXPECT_THAT(events_of(frame(Opcode::text, "0123456789a"), small), ElementsAre("error 1009"));
}

TEST(MessageReader, HasRoomForAllThatTheDefaultLimitsAllow) {
  const std::string most(64 * 1024, 'x');
  EXPECT_THAT(events_of(frame(Opcode::text, most)), ElementsAre("text " + most));
  EXPECT_THAT(events_of(frame(Opcode::text, most + "x")), ElementsAre("error 1009"));
  EXPECT_THAT(events_of(first(most.substr(1)) + last("x")), ElementsAre("text " + most));
}

TEST(MessageReader, SmallLimitsLeaveRoomForControlFrames) {
  const MessageLimits limits{.max_frame_bytes = 1, .max_message_bytes = 1};
  const std::string most(kMaxControlBytes, 'x');
  EXPECT_THAT(events_of(frame(Opcode::ping, most) + frame(Opcode::text, "1"), limits),
              ElementsAre("ping " + most, "text 1"));
  EXPECT_THAT(events_of(frame(Opcode::text, "12"), limits), ElementsAre("error 1009"));
}

TEST(MessageReader, ChecksTexts) {
  // Good: one to four bytes, and the ends of their ranges.
  for (const std::string text :
       {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_THAT(events_of(frame(Opcode::text, text)), ElementsAre("text " + text));
  }
  // Bad: alone, cut short, longer than needed, surrogates, above U+10FFFF.
  for (const auto* text :
       {"\x80", "\xc2", "\xc2g", "\xc0\xaf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xff", "\xfe"}) {
    EXPECT_THAT(events_of(frame(Opcode::text, text)), ElementsAre("error 1007"));
    EXPECT_THAT(events_of(frame(Opcode::binary, text)), ElementsAre("binary " + std::string(text)));
  }
}

TEST(MessageReader, ChecksTextsAsAWhole) {
  EXPECT_THAT(events_of(first("\xf0") + more("\x9f\x98") + last("\x80")),
              ElementsAre("text \xf0\x9f\x98\x80"));
  EXPECT_THAT(events_of(first("\xf0\x9f") + last("\x98")), ElementsAre("error 1007"));
}

TEST(MessageReader, ChecksReasonsOfClosing) {
  EXPECT_THAT(events_of(frame(Opcode::close, "")), ElementsAre("close - "));
  EXPECT_THAT(events_of(frame(Opcode::close, "\x03")), ElementsAre("error 1002"));
  EXPECT_THAT(events_of(close_frame(1000, "gr\xc3\xbc\xc3\x9f")),
              ElementsAre("close 1000 gr\xc3\xbc\xc3\x9f"));
  EXPECT_THAT(events_of(close_frame(1000, "\xc3")), ElementsAre("error 1007"));
}

// RFC 6455 §7.4.1 and §7.4.2, and those that IANA has registered since.
TEST(MessageReader, ChecksCodesOfClosing) {
  for (const unsigned code : {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 1012u,
                              1013u, 1014u, 3000u, 3999u, 4000u, 4999u}) {
    EXPECT_THAT(events_of(close_frame(code)), ElementsAre("close " + std::to_string(code) + " "));
  }
  for (const unsigned code :
       {0u, 1u, 999u, 1004u, 1005u, 1006u, 1015u, 1016u, 1100u, 2000u, 2999u, 5000u, 65535u}) {
    EXPECT_THAT(events_of(close_frame(code)), ElementsAre("error 1002")) << code;
  }
}

TEST(MessageReader, PayloadsAreFollowedByPadding) {
  const MessageLimits limits{.max_frame_bytes = 100, .max_message_bytes = 100};
  MessageReader reader(Side::client, limits);
  const std::string stream = frame(Opcode::text, std::string(100, 'x'));
  Bytes input = as_bytes(stream);
  PartialMessage partial;
  const auto received = reader.next(input, partial);
  ASSERT_TRUE(received && *received);
  const Bytes payload = std::get<Message>(**received).payload.bytes;
  ASSERT_EQ(payload.size(), 100u);
  unsigned sum = 0;  // AddressSanitizer watches.
  for (std::size_t i = 0; i < kPaddingBytes; ++i) sum += unsigned(payload.data()[100 + i]);
  EXPECT_LE(sum, 255 * kPaddingBytes);
}

TEST(MessageReader, EveryErrorHasItsCode) {
  EXPECT_EQ(close_code_of(MessageError::bad_frame), CloseCode::protocol_error);
  EXPECT_EQ(close_code_of(MessageError::missing_start), CloseCode::protocol_error);
  EXPECT_EQ(close_code_of(MessageError::missing_end), CloseCode::protocol_error);
  EXPECT_EQ(close_code_of(MessageError::bad_close), CloseCode::protocol_error);
  EXPECT_EQ(close_code_of(MessageError::large_frame), CloseCode::too_large);
  EXPECT_EQ(close_code_of(MessageError::large_message), CloseCode::too_large);
  EXPECT_EQ(close_code_of(MessageError::bad_text), CloseCode::invalid_text);
}

}  // namespace
}  // namespace aquatic::ws
