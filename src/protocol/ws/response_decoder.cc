// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <vector>

#include "protocol/ws/json_reader.h"
#include "protocol/ws/response.h"

namespace aquatic::ws {
namespace {

struct Counts {
  Field<std::uint32_t> complete;
  Field<std::uint32_t> incomplete;
  Field<std::uint32_t> downloaded;

  // Some trackers do not count downloads.
  bool is_good() const noexcept {
    return complete.is_good() && incomplete.is_good() && downloaded.found != Found::bad;
  }
};

// The keys of a message, whatever it is: that shows in the end.
struct Fields {
  Field<JsonText> action;
  Field<JsonText> failure_reason;
  Field<InfoHash> info_hash;
  Field<PeerId> peer_id;
  Field<OfferId> offer_id;
  Field<JsonText> offer_sdp;
  Field<JsonText> answer_sdp;
  Counts counts;
  Field<std::uint32_t> interval_s;
  Field<std::uint32_t> min_interval_s;
  Found files = Found::nothing;
};

std::optional<Action> action_of(const Fields& fields) noexcept {
  if (fields.action.value.text == "announce") return Action::announce;
  if (fields.action.value.text == "scrape") return Action::scrape;
  return std::nullopt;
}

std::string_view without_quotes(JsonString token) noexcept {
  return token.substr(1, token.size() - 2);
}

}  // namespace

struct ResponseDecoder::State {
  explicit State(std::size_t max_message_bytes) : reader(max_message_bytes) {}

  Expected<Response, ResponseError> decode(PaddedBytes message) noexcept;
  void read(std::string_view key, JsonValue& value, Fields& fields) noexcept;
  bool read_count(std::string_view key, JsonValue& value, Counts& counts) noexcept;
  Field<std::uint32_t> read_number(JsonValue& value) noexcept;
  Found read_files(JsonValue& value) noexcept;

  JsonReader reader;
  std::vector<ScrapedTorrent> torrents;
};

namespace {

using Result = Expected<Response, ResponseError>;

Result bad_field() noexcept { return Unexpected<ResponseError>(ResponseError::bad_field); }

template <class Relayed>
Result relayed(const Fields& fields, const Field<JsonText>& sdp) noexcept {
  if (!fields.info_hash.is_good() || !fields.peer_id.is_good() || !fields.offer_id.is_good() ||
      !sdp.is_good()) {
    return bad_field();
  }
  return Relayed{fields.info_hash.value, fields.peer_id.value, fields.offer_id.value,
                 sdp.value.token};
}

Result failure(const Fields& fields, Action action) noexcept {
  if (!fields.failure_reason.is_good() || fields.info_hash.found == Found::bad) return bad_field();
  Failure failure{.reason = without_quotes(fields.failure_reason.value.token), .action = action};
  if (fields.info_hash.is_good()) failure.info_hash = fields.info_hash.value;
  return failure;
}

Result announce_response(const Fields& fields) noexcept {
  if (!fields.info_hash.is_good() || !fields.counts.is_good() || !fields.interval_s.is_good() ||
      fields.min_interval_s.found == Found::bad) {
    return bad_field();
  }
  return AnnounceResponse{.info_hash = fields.info_hash.value,
                          .complete = fields.counts.complete.value,
                          .incomplete = fields.counts.incomplete.value,
                          .downloaded = fields.counts.downloaded.value,
                          .interval_s = fields.interval_s.value,
                          .min_interval_s = fields.min_interval_s.value};
}

}  // namespace

Result ResponseDecoder::State::decode(PaddedBytes message) noexcept {
  torrents.clear();
  Fields fields;
  const auto visit = [&](std::string_view key, JsonValue& value) { read(key, value, fields); };
  if (!reader.read_message(message, visit)) {
    return Unexpected<ResponseError>(ResponseError::not_json);
  }
  const auto action = action_of(fields);
  if (!action) return Unexpected<ResponseError>(ResponseError::bad_action);
  if (fields.failure_reason.found != Found::nothing) return failure(fields, *action);
  if (*action == Action::scrape) {
    if (fields.files != Found::good) return bad_field();
    return ScrapeResponse{torrents};
  }
  if (fields.offer_sdp.found != Found::nothing) {
    return relayed<RelayedOffer>(fields, fields.offer_sdp);
  }
  if (fields.answer_sdp.found != Found::nothing) {
    return relayed<RelayedAnswer>(fields, fields.answer_sdp);
  }
  return announce_response(fields);
}

void ResponseDecoder::State::read(std::string_view key, JsonValue& value, Fields& fields) noexcept {
  if (key == "action") {
    fields.action = reader.string(value);
  } else if (key == "failure reason") {
    fields.failure_reason = reader.string(value);
  } else if (key == "info_hash") {
    fields.info_hash = reader.id<InfoHash>(value);
  } else if (key == "peer_id") {
    fields.peer_id = reader.id<PeerId>(value);
  } else if (key == "offer_id") {
    fields.offer_id = reader.id<OfferId>(value);
  } else if (key == "offer") {
    fields.offer_sdp = reader.string_in(value, "sdp");
  } else if (key == "answer") {
    fields.answer_sdp = reader.string_in(value, "sdp");
  } else if (key == "interval") {
    fields.interval_s = read_number(value);
  } else if (key == "min interval" || key == "min_interval") {
    fields.min_interval_s = read_number(value);
  } else if (key == "files") {
    fields.files = read_files(value);
  } else if (!read_count(key, value, fields.counts)) {
    reader.skip(value);
  }
}

// Whether the key is that of a count.
bool ResponseDecoder::State::read_count(std::string_view key, JsonValue& value,
                                        Counts& counts) noexcept {
  if (key == "complete") {
    counts.complete = read_number(value);
  } else if (key == "incomplete") {
    counts.incomplete = read_number(value);
  } else if (key == "downloaded") {
    counts.downloaded = read_number(value);
  } else {
    return false;
  }
  return true;
}

Field<std::uint32_t> ResponseDecoder::State::read_number(JsonValue& value) noexcept {
  const auto number = reader.number(value);
  if (!number.is_good()) return {.found = number.found};
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
  if (!number.value || *number.value > kMax) return {.found = Found::bad};
  return {Found::good, static_cast<std::uint32_t>(*number.value)};
}

Found ResponseDecoder::State::read_files(JsonValue& value) noexcept {
  torrents.clear();
  if (reader.type_of(value) != JsonType::object) {
    reader.skip(value);
    return Found::bad;
  }
  Found found = Found::good;
  reader.read_object(value, [&](std::string_view name, JsonValue& file) {
    ScrapedTorrent torrent;
    Counts counts;
    if (!decode_byte_string(name, torrent.info_hash.bytes)) found = Found::bad;
    if (reader.type_of(file) == JsonType::object) {
      reader.read_object(file, [&](std::string_view key, JsonValue& member) {
        if (!read_count(key, member, counts)) reader.skip(member);
      });
    } else {
      reader.skip(file);
    }
    if (!counts.is_good()) found = Found::bad;
    torrent.complete = counts.complete.value;
    torrent.incomplete = counts.incomplete.value;
    torrent.downloaded = counts.downloaded.value;
    torrents.push_back(torrent);
  });
  return found;
}

ResponseDecoder::ResponseDecoder(std::size_t max_message_bytes)
    : state_(std::make_unique<State>(max_message_bytes)) {}
ResponseDecoder::~ResponseDecoder() = default;

Expected<Response, ResponseError> ResponseDecoder::decode(PaddedBytes message) noexcept {
  return state_->decode(message);
}

}  // namespace aquatic::ws
