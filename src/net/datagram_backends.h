// SPDX-License-Identifier: Apache-2.0
// Every way to move datagrams, and which of them this machine allows.
//
// Chosen once in the control plane; each worker then opens its own socket of the chosen kind.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "net/datagram_socket.h"
#include "net/udp_socket.h"

namespace aquatic::net {

struct DatagramBackend {
  std::string_view name;
  // Sends and receives a datagram with all that the backend uses, or says why that cannot be.
  Expected<void, std::string> (*probe)();
  // Throws std::runtime_error, where the probe succeeded only for want of memory or descriptors.
  std::unique_ptr<DatagramSocket> (*open)(UdpSocketPair sockets,
                                          const DatagramSocketOptions& options);
};

// Best first. One of them, mmsg, works everywhere.
std::span<const DatagramBackend> datagram_backends() noexcept;

struct BackendChoice {
  const DatagramBackend* backend = nullptr;
  // Why it is not the wanted one, or not the best: a sentence for the log. Empty if it is.
  std::string reason;
};

// The backend called `wanted`, or the best that works where that is "auto"; the best that works
// also where the machine forbids the wanted one. Probes, hence takes a few milliseconds.
// Requires: `wanted` is "auto" or the name of a backend.
BackendChoice choose_datagram_backend(std::string_view wanted);

// What errno says where this process asks for a ring as the backend io_uring does; 0 if it gets
// one.
int io_uring_error() noexcept;

// To be called in the thread that will use the socket. Throws std::runtime_error.
std::unique_ptr<DatagramSocket> open_datagram_socket(const BackendChoice& choice,
                                                     UdpSocketPair sockets,
                                                     const DatagramSocketOptions& options);

}  // namespace aquatic::net
