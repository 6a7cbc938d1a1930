// SPDX-License-Identifier: Apache-2.0
// The streams of one worker: an epoll loop that accepts connections, moves bytes between them and
// a handler, and keeps every limit.
//
// A stream without unfinished business owns no buffers: bytes are read into a buffer that all
// streams share, and only what a handler leaves, or the socket does not take, is kept.
// Belongs to one worker.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "base/ip_network.h"
#include "base/snapshot.h"
#include "net/acceptor.h"
#include "net/connection_budget.h"
#include "net/deadlines.h"
#include "net/mail.h"
#include "net/mail_bundles.h"
#include "net/outbox.h"
#include "net/poller.h"
#include "net/stream.h"
#include "net/stream_conversation.h"
#include "net/stream_handler.h"
#include "net/stream_table.h"
#include "net/tls.h"

namespace aquatic::net {

struct StreamOptions {
  Deadlines::Limits limits{};
  // Of one stream: input that the handler has left plus what is read next to it.
  std::size_t max_input_bytes = 16 * 1024;
  // With more unsent output than this no further input of the stream is read.
  std::size_t max_output_bytes = 64 * 1024;
  // Connections from these begin with a PROXY header, and are not counted against an address.
  IpNetworks proxies;
  // Where there is TLS: a connection whose first byte, behind a PROXY header, is not that of TLS is
  // served in plain text.
  bool also_plain = false;
};

// Counted by the worker. Copied out between two rounds.
struct StreamCounters {
  std::uint64_t accepted = 0;
  std::uint64_t accept_failures = 0;  // The system had no descriptor or memory for one more.
  std::uint64_t refused = 0;          // By the connection budget.
  std::uint64_t open = 0;             // Now.
  std::uint64_t received_bytes = 0;   // Plain text.
  std::uint64_t sent_bytes = 0;       // Plain text.
  std::uint64_t handshakes = 0;       // TLS, finished.
  std::uint64_t resumed_handshakes = 0;
  std::uint64_t failed_handshakes = 0;
  std::uint64_t bad_proxy_headers = 0;
  std::uint64_t input_overflows = 0;  // Closed with as much input as there may be.
  std::uint64_t resets = 0;           // Broken by the peer, or by the network.
  std::uint64_t delivered = 0;        // Posted messages that found their stream,
  std::uint64_t undelivered = 0;      // and those that found it gone.
  // Closed because they took too long, by what they waited for.
  std::array<std::uint64_t, static_cast<std::size_t>(Wait::count)> timeouts{};
};

class StreamServer {
 public:
  // Refused connections of one worker that are kept for a moment, so that the refusal is read: a
  // bound that no crowd of them moves. Whoever is refused beyond it may see a reset instead.
  static constexpr std::size_t kMaxFarewells = 16;

  // Takes over `listeners`. `tls` may be null: plain text; if not, its value is not null. `outbox`
  // may be null: no messages. Borrows the rest. Throws std::runtime_error if the system has no
  // epoll for us.
  StreamServer(const StreamOptions& options, std::span<FileDescriptor> listeners,
               ConnectionBudget& budget, const Snapshot<TlsContext>* tls, const Clock& clock,
               StreamHandler& handler, Outbox* outbox = nullptr);
  // Closes everything.
  ~StreamServer();
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;

  // Waits until there is something to do, but not longer than `timeout`, and does it: a bounded
  // number of events, then whatever is due.
  void serve(std::chrono::milliseconds timeout) noexcept;

  // Stops listening, closes idle streams, and serves the others until they are done or `limit` is
  // over.
  void drain(std::chrono::milliseconds limit) noexcept;

  // New limits, for waits that have begun as well. By the thread that serves.
  void set_limits(const Deadlines::Limits& limits) noexcept { deadlines_.set_limits(limits); }

  StreamCounters counters() const noexcept;

 private:
  // Without those that were refused.
  std::size_t open_count() const noexcept { return streams_.size() - farewells_; }
  // One round; how many events there were.
  std::size_t serve_round(std::chrono::milliseconds timeout) noexcept;
  std::chrono::milliseconds sleep_within(std::chrono::milliseconds timeout) const noexcept;
  void serve_event(const epoll_event& event) noexcept;
  void serve_queued() noexcept;
  void proceed(Stream& stream) noexcept;

  // Beginnings.
  int accept_from(std::size_t listener) noexcept;
  void welcome(Acceptor::Connection connection) noexcept;
  bool attend(Stream& stream) noexcept;
  void refuse(Stream& stream) noexcept;
  void hear_proxy(Stream& stream) noexcept;
  void begin(Stream& stream) noexcept;
  void hear_first_byte(Stream& stream) noexcept;
  void shake_hands(Stream& stream) noexcept;
  void expect_message(Stream& stream) noexcept;

  // What becomes of them.
  void go_on(Stream& stream, StreamConversation::Next next) noexcept;
  void wait_for_share(Stream& stream) noexcept;
  void settle(Stream& stream) noexcept;
  void set_deadline(Stream& stream) noexcept;
  void watch(Stream& stream, std::uint32_t events) noexcept;

  // Messages.
  void exchange_mail() noexcept;
  void deliver_mail() noexcept;

  // Ends.
  void stop_streams() noexcept;
  void finish(Stream& stream) noexcept;
  void linger(Stream& stream) noexcept;
  void discard(Stream& stream) noexcept;
  void expire() noexcept;
  void time_out(Stream& stream) noexcept;
  void close(Stream& stream) noexcept;
  void forget(Stream& stream) noexcept;

  const StreamOptions options_;
  ConnectionBudget& budget_;
  const Clock& clock_;
  StreamHandler& handler_;
  Outbox* const outbox_;
  std::optional<SnapshotReader<TlsContext>> tls_;
  Poller poller_;
  Acceptor acceptor_;
  StreamTable streams_;
  Deadlines deadlines_;
  StreamConversation conversation_;
  StreamCounters counters_;
  std::vector<StreamKey> queue_;          // Streams that go on without an event, in the next round.
  std::vector<StreamKey> queued_before_;  // In this one.
  Mail mail_;                             // At hand.
  MailBundles bundles_;
  std::size_t farewells_ = 0;  // Streams that were refused and linger.
  Seconds now_ = 0;            // Read once a round.
  Seconds paused_at_ = 0;
  bool is_draining_ = false;
};

}  // namespace aquatic::net
