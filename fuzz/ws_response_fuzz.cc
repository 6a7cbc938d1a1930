// SPDX-License-Identifier: Apache-2.0
// Decodes any bytes as what a tracker sends. What lies behind a message does not matter, and what
// is decoded and encoded again is the same response.
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "protocol/ws/response.h"

namespace aquatic::ws {
namespace {

constexpr std::size_t kMaxInputBytes = 16 * 1024;
constexpr std::size_t kMaxMessageBytes = 256 * 1024;  // What such an input is encoded to fits.

std::string describe(const Expected<Response, ResponseError>& response) {
  if (!response) return "error " + std::to_string(static_cast<int>(response.error()));
  ByteBuffer out;
  std::visit([&out](const auto& r) { encode(r, out); }, *response);
  return std::string(out.text());
}

// Decodes a copy that has such bytes behind it.
class Decoding {
 public:
  explicit Decoding(char padding) : padding_(padding) {}

  Expected<Response, ResponseError> operator()(std::string_view message) {
    storage_.assign(message.begin(), message.end());
    storage_.resize(message.size() + kPaddingBytes, padding_);
    return decoder_.decode({as_bytes({storage_.data(), message.size()})});
  }

 private:
  const char padding_;
  ResponseDecoder decoder_{kMaxMessageBytes};
  std::vector<char> storage_;
};

void check(std::string_view message) {
  static Decoding decode('\0');
  const auto response = decode(message);
  const std::string described = describe(response);
  static Decoding decode_before_brace('}');
  CHECK(describe(decode_before_brace(message)) == described);
  if (!response) return;
  if (const auto* failure = std::get_if<Failure>(&*response)) {
    // The reason is decoded as it was written, and escaped when it is encoded: no round trip.
    CHECK(failure->reason.size() <= message.size());
    return;
  }
  CHECK(describe(decode(described)) == described);
}

}  // namespace
}  // namespace aquatic::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > aquatic::ws::kMaxInputBytes) return -1;  // Keep it out of the corpus.
  aquatic::ws::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
