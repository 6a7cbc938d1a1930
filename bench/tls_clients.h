// SPDX-License-Identifier: Apache-2.0
// The clients of a measurement, in a process of their own: what they allocate is not the server's,
// and the locks of their OpenSSL are not those that a server's waits for.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/endpoint.h"
#include "base/file_descriptor.h"

namespace aquatic::bench {

// What each of the clients does, again and again.
enum class Act : std::uint8_t {
  connect,  // A connection, a request and its response, and an end.
  resume,   // The same, with the ticket of an earlier connection.
  request,  // A request and its response.
  hold,     // A further connection with one request, left open.
};

struct Work {
  Endpoint server;
  bool is_secure = false;
  Act act = Act::connect;
  std::size_t clients = 1;  // Threads.
  std::size_t count = 0;    // Of acts, for each of them.
};
static_assert(std::is_trivially_copyable_v<Work>);

class ClientProcess {
 public:
  // Its threads stay on this CPU. Requires: there is no other thread in the process.
  explicit ClientProcess(int cpu);
  ~ClientProcess();
  ClientProcess(const ClientProcess&) = delete;
  ClientProcess& operator=(const ClientProcess&) = delete;

  // Does once what comes before the work, such as to get a ticket.
  void prepare(const Work& work);
  // Does the work that was prepared, and returns when it is done. Connections stay open.
  void run();
  // Closes what is open.
  void release();

 private:
  FileDescriptor channel_;
  pid_t child_ = -1;
};

void pin_to(int cpu);

}  // namespace aquatic::bench
