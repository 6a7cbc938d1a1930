// SPDX-License-Identifier: Apache-2.0
#include "bench/tls_clients.h"

#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <barrier>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "bench/tls_client.h"
#include "bench/tls_server.h"

namespace aquatic::bench {
namespace {

// A word to the other process, or from it.
void tell(int channel) { CHECK(write(channel, "!", 1) == 1); }
bool hear(int channel) {
  char word = 0;
  return read(channel, &word, 1) == 1;
}

void connect_and_ask(TlsClient& client, bool resumes) {
  client.connect(resumes);
  client.exchange(kClose);
  client.finish();
}

// One of the threads, with what it holds open.
class Worker {
 public:
  explicit Worker(const Work& work) : work_(work), client_(work.server, work.is_secure) {}

  void prepare() {
    switch (work_.act) {
      case Act::connect: break;
      case Act::resume: connect_and_ask(client_, false); break;
      case Act::request: client_.connect(false); break;
      case Act::hold: hold(); break;
    }
  }
  void act() {
    switch (work_.act) {
      case Act::connect: connect_and_ask(client_, false); break;
      case Act::resume: connect_and_ask(client_, true); break;
      case Act::request: client_.exchange(kStay); break;
      case Act::hold: hold(); break;
    }
  }

 private:
  void hold() {
    held_.emplace_back(work_.server, work_.is_secure);
    held_.back().connect(false);
    held_.back().exchange(kStay);
  }

  const Work& work_;
  TlsClient client_;
  std::vector<TlsClient> held_;
};

void do_work(const Work& work, int cpu, int channel) {
  std::barrier<> gate(static_cast<std::ptrdiff_t>(work.clients) + 1);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < work.clients; ++i) {
    threads.emplace_back([&] {
      pin_to(cpu);
      Worker worker(work);
      worker.prepare();
      gate.arrive_and_wait();  // Ready.
      gate.arrive_and_wait();  // Told to run.
      for (std::size_t done = 0; done < work.count; ++done) worker.act();
      gate.arrive_and_wait();  // Done.
      gate.arrive_and_wait();  // Told to release.
    });
  }
  for (int phase = 0; phase < 2; ++phase) {
    gate.arrive_and_wait();
    tell(channel);
    CHECK(hear(channel));
    gate.arrive_and_wait();
  }
}

}  // namespace

ClientProcess::ClientProcess(int cpu) {
  std::array<int, 2> ends;
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  FileDescriptor theirs(ends[1]);
  channel_ = FileDescriptor(ends[0]);
  child_ = fork();
  CHECK(child_ >= 0);
  if (child_ > 0) return;
  channel_.reset();
  Work work;
  while (read(theirs.get(), &work, sizeof(work)) == sizeof(work)) do_work(work, cpu, theirs.get());
  std::_Exit(0);
}

ClientProcess::~ClientProcess() {
  channel_.reset();
  int status = 0;
  CHECK(waitpid(child_, &status, 0) == child_ && status == 0);
}

void ClientProcess::prepare(const Work& work) {
  CHECK(write(channel_.get(), &work, sizeof(work)) == sizeof(work));
  CHECK(hear(channel_.get()));
}

void ClientProcess::run() {
  tell(channel_.get());
  CHECK(hear(channel_.get()));
}

void ClientProcess::release() { tell(channel_.get()); }

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  CHECK(pthread_setaffinity_np(pthread_self(), sizeof(set), &set) == 0);
}

}  // namespace aquatic::bench
