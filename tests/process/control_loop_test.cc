// SPDX-License-Identifier: Apache-2.0
#include "process/control_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "tests/process/fork.h"
#include "tests/process/manager_socket.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::process {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::StartsWith;

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

TEST(ControlLoop, TellsTheServiceManager) {
  const test::ScratchFolder folder;
  ManagerSocket manager(folder.path("notify"));
  EXPECT_EQ(run_in_child([] {
              Signals signals;
              Workers workers;
              raise(SIGUSR1);
              int reload_count = 0;
              const auto on_reload = [&] {
                if (++reload_count == 1) return static_cast<void>(raise(SIGUSR1));
                raise(SIGTERM);
                throw std::runtime_error("bad line");
              };
              run_control_loop(signals, workers, {.on_reload = on_reload});
              return 0;
            }),
            0);
  EXPECT_THAT(manager.take_all(),
              ElementsAre("READY=1\nSTATUS=serving", StartsWith("RELOADING=1\nMONOTONIC_USEC="),
                          "READY=1\nSTATUS=serving", StartsWith("RELOADING=1\nMONOTONIC_USEC="),
                          "READY=1\nSTATUS=serving; at the last reload: bad line",
                          "STOPPING=1\nSTATUS=stopping"));
}

TEST(ControlLoop, TellsTheServiceManagerOfAFailure) {
  const test::ScratchFolder folder;
  ManagerSocket manager(folder.path("notify"));
  Signals signals;
  Workers workers;
  workers.start("udp-0", [](const std::stop_token&) { throw std::runtime_error("no memory"); });
  EXPECT_THROW(run_control_loop(signals, workers, {}), std::runtime_error);
  EXPECT_THAT(manager.take_all(), ElementsAre("READY=1\nSTATUS=serving",
                                              "STOPPING=1\nSTATUS=worker udp-0 failed: no memory"));
}

// However seldom it ticks: here, never.
TEST(ControlLoop, FeedsTheWatchdog) {
  const test::ScratchFolder folder;
  ManagerSocket manager(folder.path("notify"));
  setenv("WATCHDOG_USEC", "2000", 1);
  EXPECT_EQ(run_in_child([&] {
              Signals signals;
              Workers workers;
              workers.start("counter", [&manager](const std::stop_token& stop) {
                for (int count = 0; count < 3 && !stop.stop_requested();) {
                  count += manager.take() == "WATCHDOG=1" ? 1 : 0;
                  std::this_thread::yield();
                }
                kill(getpid(), SIGTERM);
                while (!stop.stop_requested()) std::this_thread::yield();
              });
              run_control_loop(signals, workers, {.tick_period = std::chrono::hours(1)});
              return 0;
            }),
            0);
}

TEST(ControlLoop, LetsTheWatchdogStarveWhenAWorkerHangs) {
  const test::ScratchFolder folder;
  ManagerSocket manager(folder.path("notify"));
  setenv("WATCHDOG_USEC", "2000", 1);
  EXPECT_EQ(
      run_in_child([&]() -> int {
        Signals signals;
        Workers workers(milliseconds(10));
        workers.start_watched("udp-0", [](const WatchedToken&) { pause(); });
        int hungry_ticks = 0;
        const auto on_tick = [&] {
          const auto messages = manager.take_all();
          hungry_ticks = std::ranges::count(messages, "WATCHDOG=1") > 0 ? 0 : hungry_ticks + 1;
          if (hungry_ticks == 3) raise(SIGTERM);
        };
        run_control_loop(signals, workers, {.on_tick = on_tick, .tick_period = milliseconds(5)});
        std::_Exit(EXIT_SUCCESS);  // The worker would never end.
      }),
      0);
}

}  // namespace
}  // namespace aquatic::process
