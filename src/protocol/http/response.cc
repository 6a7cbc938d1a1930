// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/response.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace aquatic::http {
namespace {

using bencode::Reader;
using bencode::Type;
using bencode::Writer;

constexpr std::size_t kPortBytes = 2;
constexpr std::size_t kV4PeerBytes = IpAddress::kV4Bytes + kPortBytes;
constexpr std::size_t kV6PeerBytes = IpAddress::kV6Bytes + kPortBytes;
constexpr std::string_view kNever = "never";

void write_integer(Writer& writer, std::string_view key, std::uint32_t value) {
  writer.key(key);
  writer.integer(value);
}

void write_string(Writer& writer, std::string_view key, Bytes value) {
  writer.key(key);
  writer.string(value);
}

// Requires: 4 or 16 bytes.
IpAddress address_of(Bytes bytes) noexcept {
  if (bytes.size() == IpAddress::kV4Bytes) return IpAddress::v4(bytes.first<IpAddress::kV4Bytes>());
  return IpAddress::v6(bytes.first<IpAddress::kV6Bytes>());
}

// The peers of one family as dictionaries, inside of a list that is open.
void write_listed_peers(Writer& writer, Bytes peers, std::size_t peer_bytes,
                        std::span<const PeerId> ids) {
  const std::size_t count = peers.size() / peer_bytes;
  CHECK(ids.empty() || ids.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes peer = peers.subspan(i * peer_bytes, peer_bytes);
    writer.begin_dictionary();
    writer.key("ip");
    writer.string(address_of(peer.first(peer_bytes - kPortBytes)).to_string());
    if (!ids.empty()) write_string(writer, "peer id", ids[i].bytes);
    write_integer(writer, "port", load_big_endian<std::uint16_t>(peer.last<kPortBytes>().data()));
    writer.end();
  }
}

void write_peers(Writer& writer, const AnnounceResponse& response) {
  if (response.is_compact) {
    if (response.peers) write_string(writer, "peers", *response.peers);
    if (response.peers6) write_string(writer, "peers6", *response.peers6);
    return;
  }
  writer.key("peers");
  writer.begin_list();
  write_listed_peers(writer, response.peers.value_or(Bytes()), kV4PeerBytes, response.peer_ids);
  write_listed_peers(writer, response.peers6.value_or(Bytes()), kV6PeerBytes, response.peer_ids6);
  writer.end();
}

// Reads values, and remembers the first thing that was wrong with them.
class Values {
 public:
  explicit Values(Reader& reader) noexcept : reader_(reader) {}

  Reader& reader() noexcept { return reader_; }
  void refuse(ResponseError error) noexcept {
    if (!error_) error_ = error;
  }
  // What was wrong, if anything. What is not even bencode is so before all else.
  std::optional<ResponseError> error() const noexcept {
    return reader_.has_failed() ? ResponseError::malformed : error_;
  }

  // Whether a value of `type` is next; if not it is passed over.
  bool expect(Type type) noexcept {
    if (reader_.next_type() == type) return true;
    reader_.skip();
    refuse(ResponseError::wrong_type);
    return false;
  }

  std::uint32_t count() noexcept {
    if (!expect(Type::integer)) return 0;
    const std::int64_t value = reader_.integer();
    constexpr std::int64_t kMax = std::numeric_limits<std::uint32_t>::max();
    if (value < 0 || value > kMax) refuse(ResponseError::malformed);
    return static_cast<std::uint32_t>(value);
  }

  Bytes string() noexcept { return expect(Type::string) ? reader_.string() : Bytes(); }

  // A string of entries of this size.
  Bytes entries(std::size_t entry_bytes) noexcept {
    const Bytes value = string();
    if (value.size() % entry_bytes != 0) refuse(ResponseError::malformed);
    return value;
  }

  std::optional<IpAddress> raw_address() noexcept {
    const Bytes value = string();
    if (value.size() == IpAddress::kV4Bytes || value.size() == IpAddress::kV6Bytes) {
      return address_of(value);
    }
    refuse(ResponseError::malformed);
    return std::nullopt;
  }

 private:
  Reader& reader_;
  std::optional<ResponseError> error_;
};

// The keys of a response, whatever it is a response to.
struct Fields {
  ReceivedAnnounce announce;
  Failure failure;
  bool has_complete = false;
  bool has_incomplete = false;
  bool has_interval = false;
  bool has_peers = false;
  bool has_failure = false;
  std::optional<Bytes> files;  // What follows the key.
  std::size_t file_count = 0;
};

void read_listed_peer(Values& values) noexcept {
  if (!values.expect(Type::dictionary)) return;
  bool has_ip = false;
  bool has_port = false;
  values.reader().begin_dictionary();
  while (const auto key = values.reader().next_key()) {
    if (*key == "ip") {
      has_ip = true;
      if (!IpAddress::parse(as_text(values.string()))) values.refuse(ResponseError::malformed);
    } else if (*key == "peer id") {
      if (values.string().size() != PeerId::kBytes) values.refuse(ResponseError::malformed);
    } else if (*key == "port") {
      has_port = true;
      constexpr std::uint32_t kMaxPort = std::numeric_limits<std::uint16_t>::max();
      if (values.count() > kMaxPort) values.refuse(ResponseError::malformed);
    } else {
      values.reader().skip();
    }
  }
  if (!has_ip || !has_port) values.refuse(ResponseError::missing_key);
}

void read_peers(Values& values, ReceivedAnnounce& announce) noexcept {
  if (values.reader().next_type() != Type::list) {
    announce.peers = values.entries(kV4PeerBytes);
    return;
  }
  values.reader().begin_list();
  while (values.reader().has_next()) {
    read_listed_peer(values);
    ++announce.listed_peers;
  }
}

void read_retry(Values& values, Failure& failure) noexcept {
  if (values.reader().next_type() == Type::integer) {
    failure.retry = Failure::Retry::after;
    failure.retry_in_minutes = values.count();
    if (failure.retry_in_minutes == 0) values.refuse(ResponseError::malformed);
    return;
  }
  failure.retry = Failure::Retry::never;
  if (as_text(values.string()) != kNever) values.refuse(ResponseError::malformed);
}

// One entry of `files`, whose key was read.
ScrapedTorrent read_torrent(std::string_view key, Values& values) noexcept {
  ScrapedTorrent torrent;
  if (key.size() == InfoHash::kBytes) {
    torrent.info_hash = InfoHash::copy_from(as_bytes(key).data());
  } else {
    values.refuse(ResponseError::malformed);
  }
  if (!values.expect(Type::dictionary)) return torrent;
  std::size_t found = 0;
  values.reader().begin_dictionary();
  while (const auto name = values.reader().next_key()) {
    std::uint32_t* const count = *name == "complete"     ? &torrent.complete
                                 : *name == "downloaded" ? &torrent.downloaded
                                 : *name == "incomplete" ? &torrent.incomplete
                                                         : nullptr;
    if (count == nullptr) {
      values.reader().skip();
      continue;
    }
    *count = values.count();
    ++found;
  }
  constexpr std::size_t kNeeded = 3;
  if (found != kNeeded) values.refuse(ResponseError::missing_key);
  return torrent;
}

void read_files(Values& values, Fields& fields) noexcept {
  fields.files = values.reader().rest();
  if (!values.expect(Type::dictionary)) return;
  values.reader().begin_dictionary();
  while (const auto key = values.reader().next_key()) {
    read_torrent(*key, values);
    ++fields.file_count;
  }
}

void read_field(std::string_view key, Values& values, Fields& fields) noexcept {
  ReceivedAnnounce& announce = fields.announce;
  if (key == "complete") {
    fields.has_complete = true;
    announce.complete = values.count();
  } else if (key == "downloaded") {
    announce.downloaded = values.count();
  } else if (key == "external ip") {
    announce.external_ip = values.raw_address();
  } else if (key == "failure reason") {
    fields.has_failure = true;
    fields.failure.reason = as_text(values.string());
  } else if (key == "files") {
    read_files(values, fields);
  } else if (key == "incomplete") {
    fields.has_incomplete = true;
    announce.incomplete = values.count();
  } else if (key == "interval") {
    fields.has_interval = true;
    announce.interval_s = values.count();
  } else if (key == "min interval") {
    announce.min_interval_s = values.count();
  } else if (key == "peers") {
    fields.has_peers = true;
    read_peers(values, announce);
  } else if (key == "peers6") {
    fields.has_peers = true;
    announce.peers6 = values.entries(kV6PeerBytes);
  } else if (key == "retry in") {
    read_retry(values, fields.failure);
  } else {
    values.reader().skip();
  }
}

}  // namespace

void encode(const AnnounceResponse& response, ByteBuffer& out) {
  Writer writer(out);
  writer.begin_dictionary();
  write_integer(writer, "complete", response.complete);
  write_integer(writer, "downloaded", response.downloaded);
  if (response.external_ip) write_string(writer, "external ip", response.external_ip->bytes());
  write_integer(writer, "incomplete", response.incomplete);
  write_integer(writer, "interval", response.interval_s);
  write_integer(writer, "min interval", response.min_interval_s);
  write_peers(writer, response);
  writer.end();
}

void encode(const Failure& failure, ByteBuffer& out) {
  Writer writer(out);
  writer.begin_dictionary();
  write_string(writer, "failure reason", as_bytes(failure.reason));
  switch (failure.retry) {
    case Failure::Retry::unsaid: break;
    case Failure::Retry::never: write_string(writer, "retry in", as_bytes(kNever)); break;
    case Failure::Retry::after:
      CHECK(failure.retry_in_minutes > 0);
      write_integer(writer, "retry in", failure.retry_in_minutes);
      break;
  }
  writer.end();
}

void begin_scrape_response(ByteBuffer& out) { out.append("d5:filesd"); }

void append_scraped_torrent(const ScrapedTorrent& torrent, ByteBuffer& out) {
  Writer writer(out);
  writer.string(torrent.info_hash.bytes);
  writer.begin_dictionary();
  write_integer(writer, "complete", torrent.complete);
  write_integer(writer, "downloaded", torrent.downloaded);
  write_integer(writer, "incomplete", torrent.incomplete);
  writer.end();
}

void end_scrape_response(ByteBuffer& out) { out.append("ee"); }

ReceivedScrape::ReceivedScrape(Bytes files, std::size_t count) noexcept
    : reader_(files), count_(count), left_(count) {
  reader_.begin_dictionary();
}

std::optional<ScrapedTorrent> ReceivedScrape::next() noexcept {
  if (left_ == 0) return std::nullopt;
  --left_;
  const auto key = reader_.next_key();
  if (!key) return std::nullopt;
  Values values(reader_);
  return read_torrent(*key, values);
}

Expected<Response, ResponseError> decode_response(Bytes body) noexcept {
  Reader reader(body);
  Values values(reader);
  Fields fields;
  if (values.expect(Type::dictionary)) {
    reader.begin_dictionary();
    while (const auto key = reader.next_key()) read_field(*key, values, fields);
  }
  if (!values.error() && !reader.is_at_end()) values.refuse(ResponseError::malformed);
  const bool is_announce = !fields.has_failure && !fields.files;
  if (is_announce && !(fields.has_interval && fields.has_peers)) {
    values.refuse(ResponseError::missing_key);
  }
  if (const auto error = values.error()) return Unexpected<ResponseError>(*error);
  if (fields.has_failure) return fields.failure;
  if (fields.files) return ReceivedScrape(*fields.files, fields.file_count);
  fields.announce.has_counts = fields.has_complete && fields.has_incomplete;
  return fields.announce;
}

}  // namespace aquatic::http
