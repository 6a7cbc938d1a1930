// SPDX-License-Identifier: Apache-2.0
// Interrupts the system calls of this process every millisecond for as long as it lives: whatever
// has to come back when a signal arrives does so soon, without a test knowing when it waits.
#pragma once
#include <signal.h>
#include <sys/time.h>

namespace aquatic::test {

class IntervalTimer {
 public:
  IntervalTimer() {
    struct sigaction action{};
    action.sa_handler = [](int) {};  // Without SA_RESTART.
    sigaction(SIGALRM, &action, &old_action_);
    const itimerval every_millisecond{.it_interval = {0, 1000}, .it_value = {0, 1000}};
    setitimer(ITIMER_REAL, &every_millisecond, nullptr);
  }
  IntervalTimer(const IntervalTimer&) = delete;
  IntervalTimer& operator=(const IntervalTimer&) = delete;
  ~IntervalTimer() {
    const itimerval off{};
    setitimer(ITIMER_REAL, &off, nullptr);
    sigaction(SIGALRM, &old_action_, nullptr);
  }

 private:
  struct sigaction old_action_{};
};

}  // namespace aquatic::test
