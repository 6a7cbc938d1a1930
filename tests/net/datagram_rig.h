// SPDX-License-Identifier: Apache-2.0
// A socket under test with its clients: what the conformance suite runs on, one for the memory
// and one for sockets of the kernel.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "net/datagram_backends.h"
#include "net/udp_socket.h"

namespace aquatic::test {

// Where the socket listens and which address of it the clients ask.
struct AddressCase {
  std::string name;
  std::string listen;
  std::string target;
  bool only_ipv6 = true;
  net::AddressMode mode = net::AddressMode::plain;
};

class DatagramRig {
 public:
  static constexpr std::size_t kClients = 3;

  virtual ~DatagramRig() = default;
  virtual net::DatagramSocket& socket() = 0;
  // Who the socket should see client `i` as.
  virtual Endpoint client(std::size_t i) = 0;
  virtual void send(std::size_t client, Bytes payload) = 0;
  // The next response to the client; an empty list and a failed test where none comes.
  virtual std::vector<std::byte> receive(std::size_t client) = 0;
};

std::unique_ptr<DatagramRig> make_memory_rig(const AddressCase& address);
std::unique_ptr<DatagramRig> make_kernel_rig(const net::DatagramBackend& backend,
                                             const AddressCase& address,
                                             const net::DatagramSocketOptions& options);

net::UdpOptions udp_options_of(const AddressCase& address);

}  // namespace aquatic::test
