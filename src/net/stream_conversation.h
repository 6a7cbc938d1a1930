// SPDX-License-Identifier: Apache-2.0
// An open stream's way between its socket and the handler: receives, gives the handler its turns
// and sends, until nothing more can be done now, or the stream has had its share.
//
// Belongs to one worker; keeps no time and closes nothing.
#pragma once
#include <cstddef>
#include <cstdint>

#include "net/stream.h"
#include "net/stream_handler.h"
#include "net/stream_turns.h"

namespace aquatic::net {

class StreamConversation {
 public:
  struct Limits {
    std::size_t max_input_bytes = 0;
    std::size_t max_output_bytes = 0;
  };
  struct Counters {
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
  };
  // How the stream goes on.
  enum class Next : std::uint8_t {
    event,   // When the socket is ready: see events_of().
    share,   // At once, but others first.
    finish,  // The handler's last word has been sent.
    close,   // The peer has closed, and has all his answers.
    broken,  // By the peer, or by the network.
    full,    // As much input as there may be, and the handler wants more.
  };

  StreamConversation(const Limits& limits, StreamHandler& handler)
      : limits_(limits), turns_(limits.max_input_bytes, handler) {}

  // Goes on with a stream whose socket is ready, or that has had its share in the last round.
  Next proceed(Stream& stream, Seconds now) noexcept;
  // The handler's last turn, as the rest of a message has not come in time.
  Next time_out(Stream& stream, Seconds now) noexcept;
  // Hands on what was posted to an open stream.
  Next deliver(Stream& stream, Bytes message, Seconds now) noexcept;
  // The handler's turn, as nothing has come for as long as that may be.
  Next idle(Stream& stream, Seconds now) noexcept;
  // The handler's turn, as the server stops.
  Next stop(Stream& stream, Seconds now) noexcept;
  // The handler's last words to somebody for whom there is no stream, as far as they can be sent at
  // once. Whether any were.
  bool refuse(StreamSocket& socket, const Endpoint& peer, Seconds now) noexcept;

  // What the poller has to look for.
  std::uint32_t events_of(const Stream& stream) const noexcept;

  // Memory for input that nobody will look at.
  MutableBytes scratch() noexcept { return turns_.scratch(); }
  const Counters& counters() const noexcept { return counters_; }

 private:
  // False: the stream is broken, and that is all that can be said.
  bool receive(Stream& stream, Seconds now) noexcept;
  bool take_turn(Stream& stream, StreamEvent event, Bytes fresh, Seconds now) noexcept;
  // A turn that nothing of the stream's own is the reason for. Output goes behind what there is.
  bool notify(Stream& stream, StreamEvent event, Bytes message, Seconds now) noexcept;
  bool send_unsent(Stream& stream) noexcept;

  Next next_of(const Stream& stream) const noexcept;
  bool is_receiving(const Stream& stream) const noexcept;

  const Limits limits_;
  StreamTurns turns_;
  Counters counters_;
};

}  // namespace aquatic::net
