// SPDX-License-Identifier: Apache-2.0
// A WebTorrent tracker as what a StreamTracker answers: every offer goes to another peer, and what
// peers have for each other arrives together with the next response to the receiver.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/info_hash.h"
#include "protocol/ws/message_reader.h"
#include "protocol/ws/request.h"
#include "protocol/ws/response.h"
#include "tests/load_test/stream_tracker.h"

namespace aquatic::load_test::test {

// Its functions belong to the thread of the StreamTracker.
class WsTracker {
 public:
  // What may be changed before it leaves, for tests of what is wrong.
  struct Mischief {
    std::function<void(ws::AnnounceResponse&)> change_response = [](auto&) {};
    std::function<void(ws::RelayedOffer&)> change_offer = [](auto&) {};
    std::function<void(ws::RelayedAnswer&)> change_answer = [](auto&) {};
    int copies_of_offer = 1;
    int copies_of_answer = 1;
    bool returns_to_sender = false;   // Of offers.
    std::string after_response = {};  // Bytes that nobody asked for.
  };

  explicit WsTracker(Mischief mischief);

  StreamTracker::Answer operator()(std::string_view input, const Endpoint& peer);

 private:
  StreamTracker::Answer upgrade(std::string_view input, const Endpoint& peer);
  void announce(const ws::AnnounceRequest& request, const Endpoint& peer, ByteBuffer& out);
  void scrape(const ws::ScrapeRequest& request, ByteBuffer& out);
  void post(const Endpoint& receiver, const ws::Response& message);

  Mischief mischief_;
  ws::MessageReader reader_;
  ws::RequestDecoder decoder_;
  std::map<Endpoint, std::string> mailboxes_;  // Of everybody who is connected.
  // Who is in a torrent, as seeder or not.
  std::map<InfoHash, std::map<Endpoint, bool>> swarms_;
  std::map<OfferId, Endpoint> offerers_;
};

// One as a behaviour.
StreamTracker::Behaviour serve_ws(WsTracker::Mischief mischief = {});

// A frame of a tracker.
std::string ws_frame(const ws::Response& message);

}  // namespace aquatic::load_test::test
