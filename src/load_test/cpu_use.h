// SPDX-License-Identifier: Apache-2.0
// How much CPU and memory a process on this machine uses, from /proc.
#pragma once
#include <cstdint>
#include <map>

namespace aquatic::load_test {

// Of one thread since it began.
struct ThreadTime {
  std::uint64_t running_ns = 0;
  std::uint64_t waiting_ns = 0;  // Ready to run while others had the CPU.
};

// By thread id.
using ThreadTimes = std::map<int, ThreadTime>;

// All threads of the process; none if there is no such process.
ThreadTimes read_thread_times(std::uint32_t pid);

// What threads did between two moments.
struct CpuUse {
  double running_s = 0;  // Of all threads.
  // How much of the time the busiest thread was running, and how much it was running or ready to.
  double busiest_running = 0;
  double busiest_ready = 0;
};

// Of the threads that there were at both moments. Requires: elapsed_s > 0.
CpuUse use_between(const ThreadTimes& earlier, const ThreadTimes& later, double elapsed_s);

// Bytes of memory that the process has resident; 0 if there is none such.
std::uint64_t read_resident_bytes(std::uint32_t pid);

// Datagrams that the kernel of this machine dropped on UDP sockets bound to a port, since they
// were opened.
std::uint64_t udp_drops_of_port(std::uint16_t port);

}  // namespace aquatic::load_test
