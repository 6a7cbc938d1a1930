// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <vector>

#include "protocol/ws/json_reader.h"
#include "protocol/ws/request.h"

namespace aquatic::ws {
namespace {

using Reason = RequestError::Reason;

// The `{type, sdp}` of an offer or an answer. Which of both it is, is told by where it stands.
struct Session {
  JsonString sdp;
  bool is_large = false;
};

// The keys of a request, whatever it asks for: that may come last.
struct Fields {
  Field<Action> action;
  Field<InfoHash> info_hash;
  bool is_hash_list = false;  // Then `info_hash` has only what was found.
  Field<PeerId> peer_id;
  Field<Event> event;
  Field<std::optional<std::uint64_t>> left;
  Field<std::optional<std::uint64_t>> numwant;
  Found offers = Found::nothing;
  bool has_large_offer = false;
  Field<Session> answer;
  Field<PeerId> to_peer_id;
  Field<OfferId> offer_id;

  std::optional<InfoHash> single_info_hash() const noexcept {
    if (!info_hash.is_good() || is_hash_list) return std::nullopt;
    return info_hash.value;
  }
  std::optional<Reason> announce_error() const noexcept;
};

// What is wrong with an announce, in the order in which people look.
std::optional<Reason> Fields::announce_error() const noexcept {
  if (!single_info_hash()) return Reason::bad_info_hash;
  if (!peer_id.is_good()) return Reason::bad_peer_id;
  if (event.found == Found::bad) return Reason::bad_event;
  if (left.found == Found::bad || numwant.found == Found::bad) return Reason::bad_number;
  if (offers == Found::bad) return Reason::bad_offers;
  const bool has_answer = answer.found != Found::nothing;
  if (has_answer && !(answer.is_good() && to_peer_id.is_good() && offer_id.is_good())) {
    return Reason::bad_answer;
  }
  if (has_large_offer || (has_answer && answer.value.is_large)) return Reason::large_sdp;
  return std::nullopt;
}

Field<Action> action_of(const Field<JsonText>& field) noexcept {
  if (!field.is_good()) return {.found = field.found};
  if (field.value.text == "announce") return {Found::good, Action::announce};
  if (field.value.text == "scrape") return {Found::good, Action::scrape};
  return {.found = Found::bad};
}

Field<Event> event_of(const Field<JsonText>& field) noexcept {
  if (!field.is_good()) return {.found = field.found};
  const std::string_view text = field.value.text;
  if (text == "started") return {Found::good, Event::started};
  if (text == "stopped") return {Found::good, Event::stopped};
  if (text == "completed") return {Found::good, Event::completed};
  if (text == "paused") return {Found::good, Event::paused};
  // What bittorrent-tracker takes for an announce as usual.
  if (text.empty() || text == "empty" || text == "update") return {Found::good, Event::none};
  return {.found = Found::bad};
}

}  // namespace

struct RequestDecoder::State {
  State(const RequestLimits& request_limits, std::size_t max_message_bytes)
      : limits(request_limits), reader(max_message_bytes) {
    offers.reserve(limits.max_offers);
    info_hashes.reserve(std::max<std::size_t>(1, limits.max_scrape_torrents));
  }

  Expected<Request, RequestError> decode(PaddedBytes message) noexcept;
  void read(std::string_view key, JsonValue& value, Fields& fields) noexcept;
  void read_info_hash(JsonValue& value, Fields& fields) noexcept;
  void read_offers(JsonValue& value, Fields& fields) noexcept;
  Field<Session> read_session(JsonValue& value) noexcept;
  Found read_offer(JsonValue& value, Fields& fields) noexcept;
  Request announce(const Fields& fields) const noexcept;

  const RequestLimits limits;
  JsonReader reader;
  std::vector<Offer> offers;
  std::vector<InfoHash> info_hashes;
};

Expected<Request, RequestError> RequestDecoder::State::decode(PaddedBytes message) noexcept {
  offers.clear();
  info_hashes.clear();
  Fields fields;
  const auto visit = [&](std::string_view key, JsonValue& value) { read(key, value, fields); };
  if (!reader.read_message(message, visit)) return Unexpected<RequestError>({Reason::not_json});

  const auto refuse = [&](Reason reason) {
    RequestError error{.reason = reason, .info_hash = fields.single_info_hash()};
    if (fields.action.is_good()) error.action = fields.action.value;
    return Unexpected<RequestError>(error);
  };
  if (!fields.action.is_good()) return refuse(Reason::bad_action);
  if (fields.action.value == Action::announce) {
    if (const auto reason = fields.announce_error()) return refuse(*reason);
    return announce(fields);
  }
  if (fields.info_hash.found == Found::bad) return refuse(Reason::bad_info_hash);
  return ScrapeRequest{info_hashes, fields.info_hash.found == Found::nothing};
}

void RequestDecoder::State::read(std::string_view key, JsonValue& value, Fields& fields) noexcept {
  if (key == "action") {
    fields.action = action_of(reader.string(value));
  } else if (key == "info_hash") {
    read_info_hash(value, fields);
  } else if (key == "peer_id") {
    fields.peer_id = reader.id<PeerId>(value);
  } else if (key == "event") {
    fields.event = event_of(reader.string(value));
  } else if (key == "left") {
    fields.left = reader.number(value);
  } else if (key == "numwant") {
    fields.numwant = reader.number(value);
  } else if (key == "offers") {
    read_offers(value, fields);
  } else if (key == "answer") {
    fields.answer = read_session(value);
  } else if (key == "to_peer_id") {
    fields.to_peer_id = reader.id<PeerId>(value);
  } else if (key == "offer_id") {
    fields.offer_id = reader.id<OfferId>(value);
  } else {
    reader.skip(value);
  }
}

// One, or a list of them for a scrape. What is beyond the limit is not looked at.
void RequestDecoder::State::read_info_hash(JsonValue& value, Fields& fields) noexcept {
  info_hashes.clear();
  fields.is_hash_list = reader.type_of(value) == JsonType::array;
  if (!fields.is_hash_list) {
    fields.info_hash = reader.id<InfoHash>(value);
    if (fields.info_hash.is_good()) info_hashes.push_back(fields.info_hash.value);
    return;
  }
  fields.info_hash = {.found = Found::good};
  reader.read_array(value, [&](JsonValue& element) {
    if (info_hashes.size() == limits.max_scrape_torrents) return reader.skip(element);
    const auto info_hash = reader.id<InfoHash>(element);
    if (!info_hash.is_good()) fields.info_hash.found = Found::bad;
    info_hashes.push_back(info_hash.value);
  });
}

void RequestDecoder::State::read_offers(JsonValue& value, Fields& fields) noexcept {
  offers.clear();
  fields.has_large_offer = false;
  const auto type = reader.type_of(value);
  if (type != JsonType::array) {
    fields.offers = type == JsonType::null ? Found::nothing : Found::bad;
    return reader.skip(value);
  }
  fields.offers = Found::good;
  reader.read_array(value, [&](JsonValue& element) {
    if (offers.size() == limits.max_offers) return reader.skip(element);
    if (read_offer(element, fields) != Found::good) fields.offers = Found::bad;
  });
}

// Appends an offer in any case, so that an array of bad ones is not looked at any further either.
Found RequestDecoder::State::read_offer(JsonValue& value, Fields& fields) noexcept {
  Field<Session> session;
  Field<OfferId> offer_id;
  if (reader.type_of(value) == JsonType::object) {
    reader.read_object(value, [&](std::string_view key, JsonValue& member) {
      if (key == "offer") {
        session = read_session(member);
      } else if (key == "offer_id") {
        offer_id = reader.id<OfferId>(member);
      } else {
        reader.skip(member);
      }
    });
  } else {
    reader.skip(value);
  }
  fields.has_large_offer |= session.value.is_large;
  offers.push_back({offer_id.value, session.value.sdp});
  return session.is_good() && offer_id.is_good() ? Found::good : Found::bad;
}

Field<Session> RequestDecoder::State::read_session(JsonValue& value) noexcept {
  const Field<JsonText> sdp = reader.string_in(value, "sdp");
  const JsonString token = sdp.value.token;
  return {sdp.found, {token, token.size() > limits.max_sdp_bytes}};
}

Request RequestDecoder::State::announce(const Fields& fields) const noexcept {
  AnnounceRequest request{.info_hash = fields.info_hash.value, .peer_id = fields.peer_id.value};
  request.event = fields.event.value;
  request.is_seeder = fields.left.value == 0u;
  if (const auto numwant = fields.numwant.value) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    request.numwant = static_cast<std::uint32_t>(std::min(*numwant, kMax));
  }
  request.offers = offers;
  if (fields.answer.is_good()) {
    request.answer = {.to_peer_id = fields.to_peer_id.value,
                      .offer_id = fields.offer_id.value,
                      .sdp = fields.answer.value.sdp};
  }
  return request;
}

RequestDecoder::RequestDecoder(const RequestLimits& limits, std::size_t max_message_bytes)
    : state_(std::make_unique<State>(limits, max_message_bytes)) {}
RequestDecoder::~RequestDecoder() = default;

Expected<Request, RequestError> RequestDecoder::decode(PaddedBytes message) noexcept {
  return state_->decode(message);
}

}  // namespace aquatic::ws
