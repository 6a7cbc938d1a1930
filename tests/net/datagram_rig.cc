// SPDX-License-Identifier: Apache-2.0
#include "tests/net/datagram_rig.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <utility>

#include "tests/support/memory_datagram_socket.h"
#include "tests/support/udp_client.h"

namespace aquatic::test {
namespace {

// Queues what the deepest test sends before anybody receives.
constexpr std::uint32_t kReceiveBufferBytes = 4'000'000;

class MemoryRig final : public DatagramRig {
 public:
  explicit MemoryRig(const AddressCase& address) : ip_(*IpAddress::parse(address.target)) {}

  net::DatagramSocket& socket() override { return socket_; }
  Endpoint client(std::size_t i) override { return {ip_, static_cast<std::uint16_t>(1000 + i)}; }
  void send(std::size_t i, Bytes payload) override { socket_.push(client(i), payload); }
  std::vector<std::byte> receive(std::size_t i) override {
    for (MemoryDatagram& sent : socket_.take_sent()) arrived_.push_back(std::move(sent));
    const auto found = std::ranges::find(arrived_, client(i), &MemoryDatagram::peer);
    if (found == arrived_.end()) {
      ADD_FAILURE() << "no response to client " << i;
      return {};
    }
    std::vector<std::byte> payload = std::move(found->payload);
    arrived_.erase(found);
    return payload;
  }

 private:
  IpAddress ip_;
  MemoryDatagramSocket socket_;
  std::deque<MemoryDatagram> arrived_;
};

class KernelRig final : public DatagramRig {
 public:
  KernelRig(const net::DatagramBackend& backend, const AddressCase& address,
            const net::DatagramSocketOptions& options) {
    auto group = std::move(net::open_udp_groups(udp_options_of(address)).back());
    EXPECT_EQ(group.steering_error, "");
    const Endpoint server{*IpAddress::parse(address.target), group.address.port};
    socket_ = backend.open(std::move(group.sockets.front()), options);
    for (auto& client : clients_) client.emplace(server);
  }

  net::DatagramSocket& socket() override { return *socket_; }
  Endpoint client(std::size_t i) override { return clients_[i]->address(); }
  void send(std::size_t i, Bytes payload) override { clients_[i]->send(payload); }
  std::vector<std::byte> receive(std::size_t i) override {
    auto response = clients_[i]->receive();
    EXPECT_TRUE(response) << "no response to client " << i;
    return response.value_or(std::vector<std::byte>());
  }

 private:
  std::unique_ptr<net::DatagramSocket> socket_;
  std::array<std::optional<UdpClient>, kClients> clients_;
};

}  // namespace

std::unique_ptr<DatagramRig> make_memory_rig(const AddressCase& address) {
  return std::make_unique<MemoryRig>(address);
}

std::unique_ptr<DatagramRig> make_kernel_rig(const net::DatagramBackend& backend,
                                             const AddressCase& address,
                                             const net::DatagramSocketOptions& options) {
  return std::make_unique<KernelRig>(backend, address, options);
}

net::UdpOptions udp_options_of(const AddressCase& address) {
  return {.address = {*IpAddress::parse(address.listen), 0},
          .only_ipv6 = address.only_ipv6,
          .address_mode = address.mode,
          .receive_buffer_bytes = kReceiveBufferBytes,
          .steering = {}};
}

}  // namespace aquatic::test
