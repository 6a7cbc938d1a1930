// SPDX-License-Identifier: Apache-2.0
#include "process/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/process/fork.h"

namespace aquatic::process {
namespace {

TEST(Signals, WaitUntilTheyAreTaken) {
  EXPECT_EQ(run_in_child([] {
              Signals signals;
              if (signals.take()) return 1;
              for (const int signal : {SIGUSR1, SIGINT, SIGTERM}) {
                raise(signal);
                if (signals.take() != signal) return 2;
              }
              return signals.take() ? 3 : 0;
            }),
            0);
}

TEST(Signals, LeaveTheirDefaultsBehind) {
  EXPECT_EQ(run_in_child([] {
              {
                const Signals signals;
              }
              raise(SIGUSR1);
              return 0;
            }),
            -SIGUSR1);
}

TEST(Signals, LetABrokenPipeBeAnError) {
  EXPECT_EQ(run_in_child([] {
              const Signals signals;
              int ends[2];
              if (pipe(ends) != 0) return 1;
              close(ends[0]);
              return write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 2;
            }),
            0);
}

TEST(Signals, KillDuringACleanStop) {
  for (const int signal : {SIGTERM, SIGINT}) {
    EXPECT_EQ(run_in_child([signal] {
                Signals signals;
                raise(signal);
                if (signals.take() != signal) return 1;
                signals.let_stop_signals_kill();
                raise(signal);
                return 2;
              }),
              -signal);
  }
}

}  // namespace
}  // namespace aquatic::process
