// SPDX-License-Identifier: Apache-2.0
#include "server/doctor/port_holders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "base/file_descriptor.h"
#include "net/bound_socket.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::server {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

class PortHoldersTest : public testing::Test {
 protected:
  PortHoldersTest() { std::filesystem::create_directories(folder_.path("proc/net")); }

  void add_process(int pid, const std::string& program, const std::string& file) {
    const std::string process = "proc/" + std::to_string(pid);
    std::filesystem::create_directories(folder_.path(process + "/fd"));
    folder_.write(process + "/comm", program + "\n");
    std::filesystem::create_symlink(file, folder_.path(process + "/fd/7"));
  }
  std::vector<PortHolder> holders_of(const char* address, int type) {
    return find_port_holders(folder_.path(), *Endpoint::parse(address), type);
  }

  const test::ScratchFolder folder_;
};

constexpr const char* kHead =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout\n";

TEST_F(PortHoldersTest, AreThoseWhoListen) {
  // Port 3000 is 0BB8: one who listens, one who has a connection from there.
  folder_.write("proc/net/tcp", std::string(kHead) +
                                    " 0: 0100007F:0BB8 00000000:0000 0A 0:0 0:0 0 0 0 11 1 0\n"
                                    " 1: 0100007F:0BB8 0100007F:9999 01 0:0 0:0 0 0 0 12 1 0\n"
                                    " 2: 0100007F:0BB9 00000000:0000 0A 0:0 0:0 0 0 0 13 1 0\n");
  folder_.write("proc/net/udp",
                std::string(kHead) + " 0: 00000000:0BB8 00000000:0000 07 0:0 0:0 0 0 0 14 1 0\n");
  add_process(4, "listener", "socket:[11]");
  add_process(5, "guest", "socket:[12]");
  add_process(6, "neighbour", "socket:[13]");
  add_process(7, "dns", "socket:[14]");
  add_process(8, "reader", "/etc/passwd");
  const PortHolder listener{"listener", 4};
  EXPECT_THAT(holders_of("127.0.0.1:3000", SOCK_STREAM), ElementsAre(listener));
  EXPECT_THAT(holders_of("0.0.0.0:3000", SOCK_STREAM), ElementsAre(listener));
  EXPECT_THAT(holders_of("127.0.0.2:3000", SOCK_STREAM), IsEmpty());
  EXPECT_THAT(holders_of("127.0.0.2:3000", SOCK_DGRAM), ElementsAre(PortHolder{"dns", 7}));
  EXPECT_THAT(holders_of("[::]:3000", SOCK_STREAM), IsEmpty());
}

TEST_F(PortHoldersTest, OfIPv6MayHoldIPv4Too) {
  const std::string ip(32, '0');
  folder_.write("proc/net/tcp6", " 0: " + ip + ":0BB8 " + ip + ":0000 0A 0:0 0:0 0 0 0 21 1 0\n");
  add_process(9, "one", "socket:[21]");
  add_process(3, "other", "socket:[21]");
  const auto both = ElementsAre(PortHolder{"other", 3}, PortHolder{"one", 9});
  EXPECT_THAT(holders_of("[::1]:3000", SOCK_STREAM), both);
  EXPECT_THAT(holders_of("0.0.0.0:3000", SOCK_STREAM), both);
  EXPECT_THAT(holders_of("[::1]:3001", SOCK_STREAM), IsEmpty());
}

// The real /proc, in each family.
TEST(PortHolders, AreFoundOnThisMachine) {
  for (const char* address : {"127.0.0.1:0", "[::1]:0"}) {
    Endpoint bound = *Endpoint::parse(address);
    const FileDescriptor fd(socket(net::family_of(bound), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd.is_open() || net::bind_to(fd, bound) != 0) continue;  // No IPv6 here.
    bound.port = net::bound_port(fd);
    EXPECT_THAT(find_port_holders("", bound, SOCK_DGRAM),
                Contains(Field(&PortHolder::pid, getpid())))
        << address;
    EXPECT_THAT(find_port_holders("", bound, SOCK_STREAM), IsEmpty()) << address;
  }
}

}  // namespace
}  // namespace aquatic::server
