// SPDX-License-Identifier: Apache-2.0
// Whether an HTTP response is right for its request.
#pragma once
#include <cstdint>
#include <span>

#include "base/expected.h"
#include "base/info_hash.h"
#include "load_test/announce_check.h"
#include "load_test/http_response_reader.h"
#include "protocol/http/response.h"

namespace aquatic::load_test {

// What the response to a request has to be.
struct HttpExpectation {
  bool is_scrape = false;
  AnnounceExpectation announce = {};        // If it is none.
  std::span<const InfoHash> torrents = {};  // Of a scrape: sorted, each once.
};

// The response, decoded, or the first fault found. A failure is none: the tracker may refuse.
Expected<http::Response, Fault> check(const HttpExpectation& expected, const HttpResponse& response,
                                      Depth depth) noexcept;

}  // namespace aquatic::load_test
