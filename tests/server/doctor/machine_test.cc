// SPDX-License-Identifier: Apache-2.0
#include "server/doctor/machine.h"

#include <gtest/gtest.h>

#include "net/datagram_backends.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::server {
namespace {

TEST(Machine, ReadsFilesOfTheKernel) {
  const test::ScratchFolder folder;
  folder.write("number", "212992\n");
  folder.write("words", "MemTotal:       24600000 kB\nMemAvailable:    1234 kB\n");
  folder.write("tables",
               "Ip: Forwarding DefaultTTL\nIp: 1 64\nUdp: InDatagrams NoPorts RcvbufErrors\n"
               "Udp: 7 8 9\n");
  const Machine machine(folder.path());
  EXPECT_EQ(machine.number("/number"), 212'992u);
  EXPECT_EQ(machine.number("/words"), std::nullopt);
  EXPECT_EQ(machine.number("/missing"), std::nullopt);
  EXPECT_EQ(machine.number_of("/words", "MemAvailable:"), 1234u);
  EXPECT_EQ(machine.number_of("/words", "MemNone:"), std::nullopt);
  EXPECT_EQ(machine.column("/tables", "Udp:", "RcvbufErrors"), 9u);
  EXPECT_EQ(machine.column("/tables", "Udp:", "None"), std::nullopt);
  EXPECT_EQ(machine.column("/tables", "Tcp:", "RcvbufErrors"), std::nullopt);
}

TEST(Machine, IsThisOne) {
  const Machine machine;
  EXPECT_GT(machine.number_of("/proc/meminfo", "MemTotal:").value_or(0), 0u);
  EXPECT_TRUE(machine.column("/proc/net/snmp", "Udp:", "InDatagrams").has_value());
  EXPECT_GT(machine.max_open_files(), 0u);
  // Whatever it is: what the probe of the backend says too.
  const bool has_io_uring = net::choose_datagram_backend("io_uring").reason.empty();
  EXPECT_EQ(machine.io_uring_error() == 0, has_io_uring);
}

}  // namespace
}  // namespace aquatic::server
