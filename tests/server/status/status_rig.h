// SPDX-License-Identifier: Apache-2.0
// A stream of a StatusHandler, without a socket.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "server/status/status_handler.h"

namespace aquatic::server {

class StatusRig {
 public:
  explicit StatusRig(std::size_t max_subscribers = 2) : subscribers(max_subscribers) {}

  static std::string get(std::string_view target, std::string_view headers = "",
                         std::string_view method = "GET", std::string_view version = "1.1") {
    return std::string(method) + " " + std::string(target) + " HTTP/" + std::string(version) +
           "\r\nHost: x\r\n" + std::string(headers) + "\r\n";
  }

  // What the handler appends in a turn.
  std::string turn(net::StreamEvent event, std::string_view input = "",
                   std::string_view unsent = "") {
    input_ += input;
    ByteBuffer output;
    output.append(unsent);
    net::StreamTurn turn{.event = event,
                         .stream = 7,
                         .peer = {*IpAddress::parse("192.0.2.1"), 50'000},
                         .input = as_bytes(input_),
                         .now = 10,
                         .output = output,
                         .memo = memo};
    handler.handle(turn);
    input_.erase(0, turn.consumed);
    is_closed = turn.is_last;
    has_more = turn.has_more_output;
    return std::string(output.text().substr(unsent.size()));
  }
  std::string send(std::string_view input) { return turn(net::StreamEvent::input, input); }

  std::shared_ptr<StatusPages> pages = std::make_shared<StatusPages>();
  Snapshot<StatusPages> snapshot{pages};
  Subscribers subscribers;
  net::Mailbox inbox{1000};
  swarm::Swarm swarm{{.shard_count = 1}};
  access_list::Holder access_list;
  StatusHandler handler{{}, {snapshot, subscribers, inbox, swarm, access_list}};
  std::uint64_t memo = 0;
  bool is_closed = false;
  bool has_more = false;

  const std::string& unread() const { return input_; }

 private:
  std::string input_;
};

}  // namespace aquatic::server
