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
#include <memory>
#include <span>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "base/ip_network.h"
#include "base/snapshot.h"
#include "net/connection_budget.h"
#include "net/deadlines.h"
#include "net/stream_handler.h"
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
  // Closed because they took too long, by what they waited for.
  std::array<std::uint64_t, static_cast<std::size_t>(Wait::count)> timeouts{};
};

class StreamServer {
 public:
  // Takes over `listeners`. `tls` may be null: plain text; if not, its value is not null. Borrows
  // the rest. Throws std::runtime_error if the system has no epoll for us.
  StreamServer(const StreamOptions& options, std::span<FileDescriptor> listeners,
               ConnectionBudget& budget, const Snapshot<TlsContext>* tls, const Clock& clock,
               StreamHandler& handler);
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

  const StreamCounters& counters() const noexcept;

 private:
  class Loop;
  const std::unique_ptr<Loop> loop_;
};

}  // namespace aquatic::net
