// SPDX-License-Identifier: Apache-2.0
// Decodes any bytes as a request. What is accepted is JSON to another parser too, simdjson's that
// builds a tree, and so is what is relayed of it, with the same session description; what lies
// behind a message does not matter; and what is decoded and encoded again is the same request.
#include <simdjson.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "protocol/ws/request.h"
#include "protocol/ws/response.h"

namespace aquatic::ws {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxInputBytes = 16 * 1024;
constexpr std::size_t kMaxMessageBytes = 128 * 1024;  // What such an input is encoded to fits.
// Small, so that inputs reach them.
constexpr RequestLimits kLimits{.max_offers = 3, .max_scrape_torrents = 3, .max_sdp_bytes = 40};

std::string encoded(const Request& request) {
  ByteBuffer out;
  std::visit([&out](const auto& r) { encode(r, out); }, request);
  return std::string(out.text());
}

// A request or the error as text.
std::string describe(const Expected<Request, RequestError>& request) {
  if (request) return encoded(*request);
  const RequestError& error = request.error();
  CHECK(!text_of(error.reason).empty());
  std::string text = "error " + std::to_string(static_cast<int>(error.reason));
  if (error.action) text += " action " + std::to_string(static_cast<int>(*error.action));
  if (error.info_hash) text += " " + error.info_hash->to_hex();
  return text;
}

// What a key has: the last, where it is repeated.
dom::element last_of(dom::element object, std::string_view wanted) {
  dom::element found;
  for (const auto [key, value] : dom::object(object)) {
    if (key == wanted) found = value;
  }
  return found;
}

std::string string_of(std::string_view json) {
  dom::parser parser;
  return std::string(std::string_view(parser.parse(json.data(), json.size())));
}

void check_sdp(JsonString sdp, dom::element tree) {
  CHECK(sdp.size() <= kLimits.max_sdp_bytes);
  const std::string text = string_of(sdp);
  CHECK(std::string_view(last_of(tree, "sdp")) == text);
  ByteBuffer out;
  encode(RelayedOffer{.info_hash = {}, .peer_id = {}, .offer_id = {}, .sdp = sdp}, out);
  dom::parser parser;
  const dom::element relayed = parser.parse(out.text().data(), out.size());
  CHECK(std::string_view(relayed["offer"]["sdp"]) == text);
  CHECK(dom::object(relayed).size() == 5 && dom::object(relayed["offer"]).size() == 2);
}

void check_relayed(const AnnounceRequest& request, dom::element tree) {
  CHECK(request.offers.size() <= kLimits.max_offers);
  for (std::size_t i = 0; i < request.offers.size(); ++i) {
    const dom::element offer = dom::array(last_of(tree, "offers")).at(i);
    check_sdp(request.offers[i].sdp, last_of(offer, "offer"));
  }
  if (request.answer) check_sdp(request.answer->sdp, last_of(tree, "answer"));
}

// Decodes a copy that has such bytes behind it.
class Decoding {
 public:
  explicit Decoding(char padding) : padding_(padding) {}

  Expected<Request, RequestError> operator()(std::string_view message) {
    storage_.assign(message.begin(), message.end());
    storage_.resize(message.size() + kPaddingBytes, padding_);
    return decoder_.decode({as_bytes({storage_.data(), message.size()})});
  }

 private:
  char padding_;
  RequestDecoder decoder_{kLimits, kMaxMessageBytes};
  std::vector<char> storage_;
};

void check(std::string_view message) {
  static Decoding decode('\0');
  const auto request = decode(message);
  const std::string described = describe(request);
  static std::array<Decoding, 4> others = {Decoding('}'), Decoding(']'), Decoding('"'),
                                           Decoding(',')};
  for (Decoding& other : others) CHECK(describe(other(message)) == described);

  dom::parser parser;
  dom::element tree;
  const auto error = parser.parse(message.data(), message.size()).get(tree);
  const bool is_json = request || request.error().reason != RequestError::Reason::not_json;
  // Integers beyond 64 bits are numbers to us and to JavaScript.
  CHECK(!is_json || error == simdjson::SUCCESS || error == simdjson::NUMBER_ERROR);
  if (!request) return;
  const auto* announce = std::get_if<AnnounceRequest>(&*request);
  if (announce != nullptr && error == simdjson::SUCCESS) check_relayed(*announce, tree);
  CHECK(describe(decode(described)) == described);
}

}  // namespace
}  // namespace aquatic::ws

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > aquatic::ws::kMaxInputBytes) return -1;  // Keep it out of the corpus.
  aquatic::ws::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
