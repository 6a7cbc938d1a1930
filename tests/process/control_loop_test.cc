// SPDX-License-Identifier: Apache-2.0
#include "process/control_loop.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <stdexcept>

#include "tests/process/fork.h"

namespace aquatic::process {
namespace {

using std::chrono::milliseconds;

// Signals are a matter of the whole process, so each test has one of its own.
TEST(ControlLoop, StopsOnBothStopSignals) {
  for (const int signal : {SIGTERM, SIGINT}) {
    EXPECT_EQ(run_in_child([signal] {
                Signals signals;
                Workers workers;
                raise(signal);
                run_control_loop(signals, workers, {});
                return 0;
              }),
              0);
  }
}

TEST(ControlLoop, IsKilledByTheNextStopSignal) {
  EXPECT_EQ(run_in_child([] {
              Signals signals;
              Workers workers;
              raise(SIGTERM);
              run_control_loop(signals, workers, {});
              raise(SIGTERM);
              return 1;
            }),
            -SIGTERM);
}

TEST(ControlLoop, TicksUntilItIsDone) {
  Signals signals;
  Workers workers;
  int tick_count = 0;
  run_control_loop(signals, workers,
                   {.on_tick = [&] { ++tick_count; },
                    .is_done = [&] { return tick_count == 3; },
                    .tick_period = milliseconds(1)});
  EXPECT_EQ(tick_count, 3);
}

TEST(ControlLoop, LetsAFailingTickEndIt) {
  Signals signals;
  Workers workers;
  EXPECT_THROW(run_control_loop(signals, workers,
                                {.on_tick = [] { throw std::runtime_error("disk full"); },
                                 .tick_period = milliseconds(1)}),
               std::runtime_error);
}

TEST(ControlLoop, SurvivesAFailingReload) {
  EXPECT_EQ(run_in_child([] {
              Signals signals;
              Workers workers;
              int reload_count = 0;
              raise(SIGUSR1);
              const auto on_reload = [&] {
                raise(++reload_count == 1 ? SIGUSR1 : SIGTERM);
                throw std::runtime_error("bad line");
              };
              run_control_loop(signals, workers, {.on_reload = on_reload});
              return reload_count == 2 ? 0 : 1;
            }),
            0);
}

TEST(ControlLoop, ThrowsWhenAWorkerFails) {
  Signals signals;
  Workers workers;
  workers.start("udp-0", [](const std::stop_token&) { throw std::runtime_error("no memory"); });
  try {
    run_control_loop(signals, workers, {});
    FAIL() << "the failure was swallowed";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "worker udp-0 failed: no memory");
  }
}

}  // namespace
}  // namespace aquatic::process
