// SPDX-License-Identifier: Apache-2.0
#include "protocol/http/request_head.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>

#include "protocol/decimal.h"

namespace aquatic::http {
namespace {

namespace beast = boost::beast;
using BeastField = beast::http::field;
using BeastText = beast::string_view;

std::string_view to_std(BeastText text) noexcept { return {text.data(), text.size()}; }

Unexpected<HeadError> refuse(HeadError error) noexcept { return Unexpected<HeadError>(error); }

// Where a head begins, behind empty lines, and how long it is with them.
struct Extent {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Finds the end of a head, line by line. Looking at lines first has three uses: the parser only
// sees what is whole, so that it need not wait; what it would let pass, or not see for want of an
// end, is refused at once (bare LF; obs-fold, RFC 9112 §5.2); and no more headers arrive in the
// parser than there is room for.
Expected<Extent, HeadError> find_extent(std::string_view text, const HeadLimits& limits) noexcept {
  const bool is_cut = text.size() >= limits.max_bytes;
  text = text.substr(0, limits.max_bytes);
  const std::size_t max_lines = 1 + std::min(limits.max_headers, RequestHead::kMaxHeaders);
  Extent extent;
  std::size_t lines = 0;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) {
      return refuse(is_cut ? HeadError::too_large : HeadError::incomplete);
    }
    if (end == begin || text[end - 1] != '\r') return refuse(HeadError::malformed);
    const bool is_empty = end - begin == 1;
    const bool is_folded = lines > 0 && (text[begin] == ' ' || text[begin] == '\t');
    if (is_folded) return refuse(HeadError::malformed);
    begin = end + 1;
    if (!is_empty) {
      if (++lines > max_lines) return refuse(HeadError::too_many_headers);
    } else if (lines == 0) {
      extent.begin = begin;
    } else {
      extent.end = begin;
      return extent;
    }
  }
}

// Fills a RequestHead from what Boost.Beast finds in a whole head, and refuses what Beast lets
// pass although servers read it differently. Nothing of it allocates or throws: failing is an
// error_code.
class HeadParser final : public beast::http::basic_parser<true> {
 public:
  explicit HeadParser(RequestHead& head) noexcept : head_(head) {}

  // What remains to be decided when all headers are known.
  bool finish() noexcept {
    head_.keeps_alive = connection_.keeps_alive(head_.minor_version);
    // RFC 9112 §6.1: HTTP/1.0 has no Transfer-Encoding; who sends it may be two requests.
    return !head_.has_chunked_body || (head_.minor_version >= 1 && !has_content_length_);
  }

 private:
  using ErrorCode = beast::error_code;

  void on_request_impl(beast::http::verb, BeastText method, BeastText target, int version,
                       ErrorCode& error) override {
    error = {};
    head_.method = to_std(method);
    head_.target = to_std(target);
    head_.minor_version = version == 10 ? 0 : 1;
  }

  void on_field_impl(BeastField field, BeastText name, BeastText beast_value,
                     ErrorCode& error) override {
    error = {};
    const std::string_view value = to_std(beast_value);
    const bool is_good = head_.header_count < head_.header_slots.size() && read(field, value);
    if (!is_good) {
      error = beast::http::error::bad_field;
      return;
    }
    head_.header_slots[head_.header_count++] = {.name = to_std(name), .value = value};
  }

  // The headers that say where this request ends and what becomes of the connection.
  bool read(BeastField field, std::string_view value) noexcept {
    switch (field) {
      case BeastField::connection: connection_.add(value); return true;
      case BeastField::expect: read_expectations(value); return true;
      case BeastField::content_length: return read_content_length(value);
      case BeastField::transfer_encoding:
        // Any other coding is one that we could not decode (RFC 9112 §6.1).
        if (head_.has_chunked_body || !equals_ignoring_case(value, "chunked")) return false;
        head_.has_chunked_body = true;
        return true;
      case BeastField::host: return !std::exchange(has_host_, true);  // RFC 9112 §3.2.
      default: return true;
    }
  }

  // Beast takes "5, 5", and two headers that agree.
  bool read_content_length(std::string_view value) noexcept {
    if (std::exchange(has_content_length_, true)) return false;
    const auto length = parse_decimal<std::uint64_t>(value);
    head_.content_length = length.value_or(0);
    return length.has_value();
  }

  void read_expectations(std::string_view value) noexcept {
    if (head_.minor_version == 0) return;  // RFC 9110 §10.1.1: not to be answered.
    ListItems items(value);
    while (const auto item = items.next()) {
      if (equals_ignoring_case(*item, "100-continue")) {
        head_.expects_continue = true;
      } else {
        head_.has_other_expectation = true;
      }
    }
  }

  // Parsing ends with the head, so these have nothing to do.
  void on_response_impl(int, BeastText, int, ErrorCode& error) override { error = {}; }
  void on_header_impl(ErrorCode& error) override { error = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode& error) override {
    error = {};
  }
  std::size_t on_body_impl(BeastText, ErrorCode& error) override {
    error = {};
    return 0;
  }
  void on_chunk_header_impl(std::uint64_t, BeastText, ErrorCode& error) override { error = {}; }
  std::size_t on_chunk_body_impl(std::uint64_t, BeastText, ErrorCode& error) override {
    error = {};
    return 0;
  }
  void on_finish_impl(ErrorCode& error) override { error = {}; }

  RequestHead& head_;
  ConnectionOptions connection_;
  bool has_content_length_ = false;
  bool has_host_ = false;
};

// Whether the request line ends with a version of HTTP that is neither 1.0 nor 1.1.
bool has_unknown_version(std::string_view head) noexcept {
  const std::string_view line = head.substr(0, head.find('\r'));
  const std::string_view version = line.substr(line.rfind(' ') + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  // "HTTP/2.0"
  return version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
         version[6] == '.' && is_digit(version[7]) && version != "HTTP/1.0" &&
         version != "HTTP/1.1";
}

void reset(RequestHead& head) noexcept {
  head.expects_continue = false;
  head.has_other_expectation = false;
  head.has_chunked_body = false;
  head.content_length = 0;
  head.header_count = 0;
}

}  // namespace

Expected<std::size_t, HeadError> decode_request_head(Bytes input, const HeadLimits& limits,
                                                     RequestHead& head) noexcept {
  const auto extent = find_extent(as_text(input), limits);
  if (!extent) return refuse(extent.error());
  const Bytes whole = input.subspan(extent->begin, extent->end - extent->begin);

  reset(head);
  HeadParser parser(head);
  parser.skip(true);  // No body: Beast's limits of it do not apply.
  parser.header_limit(static_cast<std::uint32_t>(whole.size()));  // Ours are kept already.
  beast::error_code error;
  const std::size_t parsed = parser.put({whole.data(), whole.size()}, error);
  if (!error && parsed == whole.size() && parser.finish()) return extent->end;
  const bool is_version = error == beast::http::error::bad_version;
  return refuse(is_version && has_unknown_version(as_text(whole)) ? HeadError::unknown_version
                                                                  : HeadError::malformed);
}

void encode(const GetRequest& request, ByteBuffer& out) {
  const auto append_header = [&out](std::string_view name, std::string_view value) {
    for (const std::string_view piece :
         {name, std::string_view(": "), value, std::string_view("\r\n")}) {
      out.append(piece);
    }
  };
  out.append("GET ");
  out.append(request.target);
  out.append(" HTTP/1.1\r\n");
  append_header("Host", request.host);
  if (!request.keeps_alive) append_header("Connection", "close");
  for (const Header& header : request.headers) append_header(header.name, header.value);
  out.append("\r\n");
}

}  // namespace aquatic::http
