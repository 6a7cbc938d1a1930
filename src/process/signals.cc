// SPDX-License-Identifier: Apache-2.0
#include "process/signals.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"
#include "process/system_error.h"

namespace aquatic::process {
namespace {

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t taken = set_of({SIGTERM, SIGINT, SIGUSR1});
  CHECK(pthread_sigmask(SIG_BLOCK, &taken, &before_) == 0);
  fd_ = FileDescriptor(checked(signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd"));
  ::signal(SIGPIPE, SIG_IGN);
}

Signals::~Signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

std::optional<int> Signals::take() {
  signalfd_siginfo info;
  if (read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

void Signals::let_stop_signals_kill() {
  ::signal(SIGTERM, SIG_DFL);
  ::signal(SIGINT, SIG_DFL);
  const sigset_t stopping = set_of({SIGTERM, SIGINT});
  CHECK(pthread_sigmask(SIG_UNBLOCK, &stopping, nullptr) == 0);
}

}  // namespace aquatic::process
