// SPDX-License-Identifier: Apache-2.0
#include "process/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include <array>
#include <condition_variable>
#include <future>
#include <stdexcept>

#include "tests/process/fork.h"

namespace aquatic::process {
namespace {

// Far more than any step of these tests takes; only a failing test waits for so long.
constexpr int kPatienceMs = 60'000;

// What a worker does that does its duty: waits for the stop.
void wait_for_stop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any asked;
  std::unique_lock lock(mutex);
  asked.wait(lock, stop, [] { return false; });
}

bool wait_for_failure(const Workers& workers) {
  pollfd awaited{workers.failure_fd(), POLLIN, 0};
  return poll(&awaited, 1, kPatienceMs) == 1;
}

TEST(Workers, RunUntilTheyAreAskedToStop) {
  Workers workers;
  std::atomic<int> ended_count = 0;
  for (const char* name : {"udp-0", "udp-1"}) {
    workers.start(name, [&](const std::stop_token& stop) {
      wait_for_stop(stop);
      ++ended_count;
    });
  }
  EXPECT_EQ(ended_count, 0);
  EXPECT_FALSE(workers.failure());
  workers.stop();
  EXPECT_EQ(ended_count, 2);
  EXPECT_FALSE(workers.failure());
}

TEST(Workers, AreStoppedByTheirOwnersEnd) {
  bool has_ended = false;
  {
    Workers workers;
    workers.start("udp-0", [&](const std::stop_token& stop) {
      wait_for_stop(stop);
      has_ended = true;
    });
  }
  EXPECT_TRUE(has_ended);
}

TEST(Workers, HaveANameAndNoSignals) {
  Workers workers;
  std::promise<std::string> name;
  std::promise<bool> is_blocked;
  workers.start("fifteen-letters", [&](const std::stop_token& stop) {
    std::array<char, 16> text;
    pthread_getname_np(pthread_self(), text.data(), text.size());
    name.set_value(text.data());
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    is_blocked.set_value(sigismember(&blocked, SIGTERM) == 1 &&
                         sigismember(&blocked, SIGUSR1) == 1);
    wait_for_stop(stop);
  });
  EXPECT_EQ(name.get_future().get(), "fifteen-letters");
  EXPECT_TRUE(is_blocked.get_future().get());
}

TEST(Workers, TellAtOnceWhenOneThrows) {
  Workers workers;
  workers.start("udp-0", wait_for_stop);
  workers.start("udp-1", [](const std::stop_token&) { throw std::runtime_error("no memory"); });
  ASSERT_TRUE(wait_for_failure(workers));
  EXPECT_EQ(workers.failure(), "worker udp-1 failed: no memory");
  EXPECT_THROW(workers.stop(), std::runtime_error);
}

TEST(Workers, TellAtOnceWhenOneReturns) {
  Workers workers;
  workers.start("udp-0", [](const std::stop_token&) {});
  ASSERT_TRUE(wait_for_failure(workers));
  EXPECT_EQ(workers.failure(), "worker udp-0 failed: it ended without having been asked to");
}

TEST(Workers, TellWhatIsThrownWhileTheyStop) {
  Workers workers;
  workers.start("udp-0", [](const std::stop_token& stop) {
    wait_for_stop(stop);
    throw std::runtime_error("cannot flush");
  });
  try {
    workers.stop();
    FAIL() << "the failure was swallowed";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "worker udp-0 failed: cannot flush");
  }
}

TEST(Workers, KeepTheFirstOfSeveralFailures) {
  Workers workers;
  workers.start("udp-0", [](const std::stop_token&) { throw std::runtime_error("first"); });
  ASSERT_TRUE(wait_for_failure(workers));
  workers.start("udp-1", [](const std::stop_token&) { throw 1; });
  EXPECT_THROW(workers.stop(), std::runtime_error);
  EXPECT_EQ(workers.failure(), "worker udp-0 failed: first");
}

TEST(Workers, ThatAreWatchedAndHangAreNoticed) {
  Workers workers(std::chrono::milliseconds(10));
  std::promise<void> may_go_on;
  std::atomic<bool> has_gone_on = false;
  workers.start("unwatched", wait_for_stop);
  workers.start_watched("udp-0", [&](const WatchedToken& stop) {
    may_go_on.get_future().wait();
    while (!stop.stop_requested()) has_gone_on = true;
  });
  for (const bool is_well : {true, true, false, false}) {
    EXPECT_EQ(workers.look_after(std::chrono::milliseconds(4)), is_well);
  }
  may_go_on.set_value();
  while (!has_gone_on) std::this_thread::yield();
  EXPECT_TRUE(workers.look_after(std::chrono::milliseconds(4)));
}

TEST(Workers, EndTheProcessWhenOneDoesNotStop) {
  EXPECT_EQ(run_in_child([] {
              Workers workers(std::chrono::milliseconds(1));
              std::promise<void> never;
              workers.start("udp-0", [&](const std::stop_token&) { never.get_future().wait(); });
              workers.stop();
              return 0;
            }),
            EXIT_FAILURE);
}

}  // namespace
}  // namespace aquatic::process
