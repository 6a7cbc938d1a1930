// SPDX-License-Identifier: Apache-2.0
// The TCP side of a tracker, whatever it speaks: listening sockets, certificates, the budget of
// connections, mailboxes, and worker threads that serve with a handler each.
//
// Control plane. Everything is open when the constructor is done.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/snapshot.h"
#include "net/connection_budget.h"
#include "net/deadlines.h"
#include "net/inherited_sockets.h"
#include "net/mailbox.h"
#include "net/outbox.h"
#include "net/stream_server.h"
#include "process/workers.h"
#include "server/report.h"
#include "server/status/figures.h"
#include "server/stream/crowd_memory.h"
#include "server/stream/stream_metrics.h"
#include "server/stream/tls_files.h"

namespace aquatic::server {

struct StreamServiceOptions {
  std::string worker_name;  // Of threads, with a number behind it.
  std::size_t worker_count = 1;
  std::vector<Endpoint> addresses;
  bool only_ipv6 = true;
  int backlog = 1024;
  bool has_tls = false;
  std::string tls_certificate_path = {};
  std::string tls_private_key_path = {};
  std::size_t max_connections = 0;
  std::size_t max_connections_per_ip = 0;
  IpNetworks exempt = {};  // From the limit for an address.
  net::StreamOptions streams;
};

class StreamService {
 public:
  // Makes a worker's handler, on its thread, which keeps `outbox` as long.
  using MakeHandler = std::function<std::unique_ptr<net::StreamHandler>(net::Outbox& outbox)>;

  // Opens files, and those sockets that are not among `inherited`, which may be null. Throws
  // std::runtime_error with what an operator can do.
  explicit StreamService(const StreamServiceOptions& options,
                         net::InheritedSockets* inherited = nullptr);

  std::size_t worker_count() const noexcept { return workers_.size(); }
  // Starts the workers. `clock` outlives them.
  void start(process::Workers& threads, const Clock& clock, const MakeHandler& make_handler);

  // A line for each address, such as "https://127.0.0.1:3000/announce"; with TLS the scheme gets
  // an s. Two lines, plain text first, where an address serves both.
  std::string urls(std::string_view scheme, std::string_view path) const;
  // Settings that were read again: how many connections there may be, how long they may wait, and
  // where certificate and key are read from the next time.
  void set_options(const StreamServiceOptions& options);
  // Reads certificate and key again, if there are any. Throws std::runtime_error, and keeps the old
  // ones, where they are bad.
  void reload_tls();
  // To be called now and then: gives memory back to the system when a crowd has left.
  void tick();
  // What all workers have counted.
  CounterSums<StreamMetric> sums() const;
  // The same by worker.
  void collect(Figures& figures) const;

 private:
  // What a worker thread needs, made before it exists.
  struct Worker {
    std::vector<FileDescriptor> listeners;
    std::unique_ptr<StreamMetrics> metrics;
  };

  void open_listeners(net::InheritedSockets& inherited);
  void serve(std::uint32_t worker, const Clock& clock, const MakeHandler& make_handler,
             const process::WatchedToken& stop);

  const StreamServiceOptions options_;
  std::optional<TlsFiles> tls_;
  net::ConnectionBudget budget_;
  Snapshot<net::Deadlines::Limits> waits_;
  std::vector<Endpoint> addresses_;
  std::vector<Worker> workers_;
  std::vector<std::unique_ptr<net::Mailbox>> mailboxes_;  // By worker.
  CrowdMemory crowd_memory_;
};

// Reads certificate and key if the options name any. Throws std::runtime_error.
std::optional<TlsFiles> load_tls_files(const StreamServiceOptions& options);

}  // namespace aquatic::server
