// SPDX-License-Identifier: Apache-2.0
// What it costs to decode what WebTorrent peers send, and to encode what they are sent.
//
//   ws_codec_bench              everything: median of 11 rounds, with the least and the greatest
//   ws_codec_bench CASE COUNT   one case so many times: the difference of two counts under
//                               valgrind --tool=callgrind is what it costs in instructions
//   ws_codec_bench --smoke      a few milliseconds; does it still work?
//
// Rounds of all cases are interleaved. Messages come from a fixed seed; what was decoded and
// encoded is summed and compared with what it has to be.
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "protocol/ws/request.h"
#include "protocol/ws/response.h"

namespace aquatic::ws {
namespace {

constexpr std::size_t kRounds = 11;
constexpr std::size_t kMaxMessageBytes = 64 * 1024;

#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr bool kIsRelease = true;
#else
constexpr bool kIsRelease = false;
#endif

// Of this thread: what else runs takes cache from it, but not time.
double cpu_nanoseconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "ws_codec_bench: wrong result: %s\n", what);
  std::exit(1);
}

// --- Messages ------------------------------------------------------------------------------------

template <class Id>
Id any_id(Random& random) {
  Id id;
  for (std::byte& byte : id.bytes) byte = static_cast<std::byte>(random.below(256));
  return id;
}

// A JSON string of about this many bytes, of lines as session descriptions have them.
std::string any_sdp(std::size_t bytes, Random& random) {
  std::string sdp = R"("v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n)";
  while (sdp.size() < bytes) {
    sdp += "a=candidate:" + std::to_string(random.below(1'000'000'000)) +
           R"( 1 udp 2113937151 192.0.2.1 54400 typ host\r\n)";
  }
  return sdp + "\"";
}

// An announce as programs send it, and what a tracker makes of it.
struct Announce {
  InfoHash info_hash;
  PeerId peer_id;
  std::vector<Offer> offers;
  std::vector<std::string> sdps;
  std::string text;

  Announce(std::size_t offer_count, std::size_t sdp_bytes) {
    Random random(offer_count + sdp_bytes);
    info_hash = any_id<InfoHash>(random);
    peer_id = any_id<PeerId>(random);
    for (std::size_t i = 0; i < offer_count; ++i) sdps.push_back(any_sdp(sdp_bytes, random));
    for (const std::string& sdp : sdps) offers.push_back({any_id<OfferId>(random), sdp});
    ByteBuffer out;
    encode(AnnounceRequest{.info_hash = info_hash,
                           .peer_id = peer_id,
                           .event = Event::started,
                           .numwant = 5,
                           .offers = offers},
           out);
    text = out.text();
    // What programs add.
    text.insert(text.size() - 1, R"(,"uploaded":0,"downloaded":16384,"corrupt":0,"compact":1)");
  }
  Announce(const Announce&) = delete;
};

// --- Cases ---------------------------------------------------------------------------------------

// Something that is done so many times, and returns a sum that the count decides.
struct Case {
  std::string name;
  std::size_t message_bytes;
  std::function<std::uint64_t(std::uint64_t count)> run;
  std::uint64_t sum_of_one;
  std::vector<double> nanoseconds = {};

  void check(std::uint64_t sum, std::uint64_t count) const {
    expect(sum == sum_of_one * count, name.c_str());
  }
};

Case decode_case(std::string name, const Announce& announce) {
  auto decoder = std::make_shared<RequestDecoder>(RequestLimits{}, kMaxMessageBytes);
  auto buffer = std::make_shared<PaddedBuffer>(kMaxMessageBytes);
  const PaddedBytes message = buffer->copy(as_bytes(announce.text));
  std::uint64_t sdp_bytes = 0;
  for (const std::string& sdp : announce.sdps) sdp_bytes += sdp.size();
  const auto run = [decoder, buffer, message](std::uint64_t count) {
    std::uint64_t sum = 0;
    for (; count > 0; --count) {
      const auto request = decoder->decode(message);
      if (!request) continue;
      sum += 1;
      for (const Offer& offer : std::get<AnnounceRequest>(*request).offers) sum += offer.sdp.size();
    }
    return sum;
  };
  return {std::move(name), announce.text.size(), run, 1 + sdp_bytes};
}

template <class Message>
Case encode_case(std::string name, const Message& message) {
  ByteBuffer out;
  encode(message, out);
  const std::size_t bytes = out.size();
  const auto run = [message](std::uint64_t count) {
    ByteBuffer buffer;
    std::uint64_t sum = 0;
    for (; count > 0; --count) {
      buffer.clear();
      encode(message, buffer);
      sum += buffer.size();
    }
    return sum;
  };
  return {std::move(name), bytes, run, bytes};
}

// Borrows from what is static here.
std::vector<Case> all_cases() {
  static const Announce none(0, 0);
  static const Announce five(5, 1000);
  static const Announce ten(10, 1000);
  static const Announce ten_long(10, 2800);
  static std::vector<ScrapedTorrent> torrents;
  Random random(1);
  for (int i = 0; i < 50; ++i) torrents.push_back({any_id<InfoHash>(random), 12, 345, 6789});
  const Offer& offer = five.offers[0];
  return {
      decode_case("decode, no offers", none),
      decode_case("decode, 5 offers", five),
      decode_case("decode, 10 offers", ten),
      decode_case("decode, 10 long offers", ten_long),
      encode_case("encode an offer",
                  RelayedOffer{five.info_hash, five.peer_id, offer.offer_id, offer.sdp}),
      encode_case("encode a response", AnnounceResponse{none.info_hash, 12, 345, 6789, 120, 60}),
      encode_case("encode a scrape of 50", ScrapeResponse{torrents}),
      encode_case("encode a failure", Failure{"an sdp is longer than this tracker relays",
                                              Action::announce, none.info_hash})};
}

// So many that a round of a case takes about as long as that of another.
std::uint64_t count_of(const Case& each, bool is_smoke) {
  return is_smoke ? 10 : 20'000'000 / (200 + each.message_bytes);
}

void measure(std::vector<Case>& cases, bool is_smoke) {
  for (std::size_t round = 0; round < (is_smoke ? 1 : kRounds); ++round) {
    for (Case& each : cases) {
      const std::uint64_t count = count_of(each, is_smoke);
      const double start = cpu_nanoseconds();
      const std::uint64_t sum = each.run(count);
      each.nanoseconds.push_back((cpu_nanoseconds() - start) / static_cast<double>(count));
      each.check(sum, count);
    }
  }
  for (Case& each : cases) {
    std::vector<double>& values = each.nanoseconds;
    std::sort(values.begin(), values.end());
    std::printf("%-24s %6zu bytes %9.1f ns   (%.1f to %.1f)\n", each.name.c_str(),
                each.message_bytes, values[values.size() / 2], values.front(), values.back());
  }
}

int run_one(std::vector<Case>& cases, std::string_view name, std::uint64_t count) {
  for (Case& each : cases) {
    if (each.name != name) continue;
    each.check(each.run(count), count);
    return 0;
  }
  std::fprintf(stderr, "ws_codec_bench: no such case; there are:\n");
  for (const Case& each : cases) std::fprintf(stderr, "  %s\n", each.name.c_str());
  return 2;
}

}  // namespace
}  // namespace aquatic::ws

int main(int argc, char** argv) {
  using namespace aquatic::ws;
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  const bool is_smoke = arguments.size() == 1 && arguments[0] == "--smoke";
  if (!kIsRelease && !is_smoke) {
    std::fprintf(stderr, "ws_codec_bench: not a release build, its figures would mean nothing\n");
    return 1;
  }
  std::vector<Case> cases = all_cases();
  if (arguments.size() == 2) {
    return run_one(cases, arguments[0], std::strtoull(argv[2], nullptr, 10));
  }
  measure(cases, is_smoke);
}
