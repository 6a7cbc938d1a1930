// SPDX-License-Identifier: Apache-2.0
#include "process/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/process/manager_socket.h"
#include "tests/support/scratch_folder.h"

namespace aquatic::process {
namespace {

using std::chrono::microseconds;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ServiceManagerTest : public testing::Test {
 protected:
  const test::ScratchFolder folder_;
  ManagerSocket socket_{folder_.path("notify")};
};

TEST_F(ServiceManagerTest, TellsWhatTheProcessDoes) {
  ServiceManager manager;
  manager.ready("serving");
  EXPECT_THAT(socket_.take_all(), ElementsAre("READY=1\nSTATUS=serving"));
  manager.stopping("worker udp-0 failed");
  EXPECT_THAT(socket_.take_all(), ElementsAre("STOPPING=1\nSTATUS=worker udp-0 failed"));
  manager.keep_alive();
  EXPECT_THAT(socket_.take_all(), ElementsAre("WATCHDOG=1"));
  manager.retry();
  EXPECT_THAT(socket_.take_all(), IsEmpty());
}

TEST_F(ServiceManagerTest, AReloadSaysWhenItBegan) {
  const auto now_us = [] {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000LL + now.tv_nsec / 1'000;
  };
  ServiceManager manager;
  const auto before = now_us();
  manager.reloading();
  const auto after = now_us();
  const std::string message = socket_.take().value_or("");
  const std::string head = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_TRUE(message.starts_with(head)) << message;
  const auto said = std::atoll(message.c_str() + head.size());
  EXPECT_GE(said, before);
  EXPECT_LE(said, after);
}

TEST_F(ServiceManagerTest, AStatusIsOneLineOfSomeLength) {
  ServiceManager manager;
  manager.ready("bad line\nSTOPPING=1");
  EXPECT_EQ(socket_.take(), "READY=1\nSTATUS=bad line STOPPING=1");
  manager.ready(std::string(10'000, 'x'));
  EXPECT_EQ(socket_.take(), "READY=1\nSTATUS=" + std::string(ServiceManager::kMaxStatusBytes, 'x'));
}

TEST_F(ServiceManagerTest, LeavesNothingInTheEnvironment) {
  setenv("WATCHDOG_USEC", "3000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  const ServiceManager manager;
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
    EXPECT_EQ(std::getenv(name), nullptr) << name;
  }
}

// As after a change of the root directory.
TEST_F(ServiceManagerTest, NeedsTheNameOnlyOnce) {
  ServiceManager manager;
  std::filesystem::remove(folder_.path("notify"));
  manager.ready("serving");
  EXPECT_THAT(socket_.take_all(), SizeIs(1));
}

TEST_F(ServiceManagerTest, KnowsNamesOutsideTheFileSystem) {
  ManagerSocket abstract("@aquatic-test-" + std::to_string(getpid()));
  ServiceManager manager;
  manager.ready("serving");
  EXPECT_THAT(abstract.take_all(), SizeIs(1));
  EXPECT_THAT(socket_.take_all(), IsEmpty());
}

TEST_F(ServiceManagerTest, AFullQueueDelaysTheStateAndNothingElse) {
  ServiceManager manager;
  constexpr int kMoreThanAnyQueueHolds = 100'000;
  for (int i = 0; i < kMoreThanAnyQueueHolds; ++i) manager.keep_alive();
  manager.reloading();
  manager.ready("serving");
  EXPECT_THAT(socket_.take_all(), Each("WATCHDOG=1"));
  manager.retry();
  EXPECT_THAT(socket_.take_all(), ElementsAre("READY=1\nSTATUS=serving"));
  manager.retry();
  EXPECT_THAT(socket_.take_all(), IsEmpty());
}

TEST_F(ServiceManagerTest, TheWatchdogIsFedTwiceAsOftenAsItWants) {
  setenv("WATCHDOG_USEC", "3000000", 1);
  EXPECT_EQ(ServiceManager().watchdog_period(), microseconds(1'500'000));
}

TEST_F(ServiceManagerTest, AWatchdogMayBeForAnotherOrMakeNoSense) {
  const std::string path = folder_.path("notify");
  EXPECT_EQ(ServiceManager().watchdog_period(), std::nullopt);
  for (const char* limit : {"", "0", "1", "-5", "3s", "99999999999999999999"}) {
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
    setenv("WATCHDOG_USEC", limit, 1);
    EXPECT_EQ(ServiceManager().watchdog_period(), std::nullopt) << limit;
  }
  for (const pid_t pid : {getpid(), getppid()}) {
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
    setenv("WATCHDOG_USEC", "2000", 1);
    setenv("WATCHDOG_PID", std::to_string(pid).c_str(), 1);
    EXPECT_EQ(ServiceManager().watchdog_period().has_value(), pid == getpid());
  }
}

void say_everything(ServiceManager& manager) {
  manager.ready("serving");
  manager.reloading();
  manager.keep_alive();
  manager.retry();
  manager.stopping("stopping");
}

TEST_F(ServiceManagerTest, WithoutAManagerNothingHappens) {
  unsetenv("NOTIFY_SOCKET");
  setenv("WATCHDOG_USEC", "3000000", 1);
  ServiceManager manager;
  say_everything(manager);
  EXPECT_EQ(manager.watchdog_period(), std::nullopt);
  EXPECT_THAT(socket_.take_all(), IsEmpty());
}

TEST_F(ServiceManagerTest, ANameThatLeadsNowhereDoesNoHarm) {
  for (const std::string& name : {folder_.path("nobody"), std::string("relative"), std::string(),
                                  "/" + std::string(200, 'x'), std::string("@")}) {
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
    ServiceManager manager;
    say_everything(manager);
  }
}

TEST_F(ServiceManagerTest, AManagerThatGoesDoesNoHarm) {
  auto other = std::make_unique<ManagerSocket>(folder_.path("other"));
  ServiceManager manager;
  other.reset();
  say_everything(manager);
}

}  // namespace
}  // namespace aquatic::process
