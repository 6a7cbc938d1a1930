// SPDX-License-Identifier: Apache-2.0
// What a StreamTracker that speaks HTTP answers.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "protocol/http/target.h"
#include "tests/load_test/stream_tracker.h"

namespace aquatic::load_test::test {

// The body for a request.
using HttpBody = std::function<std::string(const http::Target& target, const Endpoint& peer)>;

// Answers each request with status 200 and the body, and keeps to what it says of the connection.
StreamTracker::Behaviour answer_with(HttpBody body);

// What a right tracker without peers says to an announce or a scrape.
std::string right_body(const http::Target& target);

// A whole response.
std::string http_response(std::string_view body, std::string_view headers = "");

}  // namespace aquatic::load_test::test
