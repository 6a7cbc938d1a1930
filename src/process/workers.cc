// SPDX-License-Identifier: Apache-2.0
#include "process/workers.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/check.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "process/system_error.h"

namespace aquatic::process {
namespace {

// Blocks every signal for a block of code, so that a thread made there inherits that.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    CHECK(pthread_sigmask(SIG_SETMASK, &all, &before_) == 0);
  }
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

// Why the body ended, if it had no business to.
std::optional<std::string> run(const Workers::Body& body, const std::stop_token& stop) noexcept {
  try {
    body(stop);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "it threw what is no exception";
  }
  if (stop.stop_requested()) return std::nullopt;
  return "it ended without having been asked to";
}

}  // namespace

// What the threads share.
struct Workers::State {
  mutable std::mutex mutex;  // Guards running and failure.
  std::condition_variable ended;
  std::multiset<std::string> running;
  std::optional<std::string> failure;
  FileDescriptor failure_event{checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")};

  void end(const std::string& name, const std::optional<std::string>& reason) {
    const std::lock_guard lock(mutex);
    if (reason && !failure) {
      failure = fmt::format("worker {} failed: {}", name, *reason);
      const std::uint64_t one = 1;
      CHECK(write(failure_event.get(), &one, sizeof one) == sizeof one);
    }
    running.erase(running.find(name));
    ended.notify_all();
  }
};

// A worker that is looked after, and what was seen of it.
struct Workers::Watched {
  Watched(std::string its_name, std::stop_token stop)
      : name(std::move(its_name)), token(std::move(stop)) {}

  const std::string name;
  const WatchedToken token;
  std::uint64_t looks_before = 0;
  std::chrono::milliseconds silence{0};
};

Workers::Workers(std::chrono::milliseconds stop_limit)
    : stop_limit_(stop_limit), state_(std::make_unique<State>()) {}

Workers::~Workers() { join(); }

void Workers::start(const std::string& name, Body body) {
  CHECK(name.size() <= kMaxNameLength);
  const AllSignalsBlocked blocked;
  const std::lock_guard lock(state_->mutex);
  threads_.emplace_back(
      [state = state_.get(), name, body = std::move(body), stop = stop_.get_token()] {
        pthread_setname_np(pthread_self(), name.c_str());
        state->end(name, run(body, stop));
      });
  state_->running.insert(name);
}

void Workers::start_watched(const std::string& name, WatchedBody body) {
  watched_.push_back(std::make_unique<Watched>(name, stop_.get_token()));
  start(name, [body = std::move(body), &token = watched_.back()->token](const std::stop_token&) {
    body(token);
  });
}

bool Workers::look_after(std::chrono::milliseconds passed) {
  bool is_well = true;
  for (const auto& worker : watched_) {
    const bool was_well = worker->silence < stop_limit_;
    const std::uint64_t looks = worker->token.looks();
    const bool lives = std::exchange(worker->looks_before, looks) != looks;
    worker->silence = lives ? std::chrono::milliseconds(0) : worker->silence + passed;
    const bool is_still_well = worker->silence < stop_limit_;
    if (was_well && !is_still_well) {
      log::error("worker {} hangs: no sign of life for {} ms", worker->name,
                 worker->silence.count());
    } else if (!was_well && is_still_well) {
      log::warn("worker {} goes on", worker->name);
    }
    is_well &= is_still_well;
  }
  return is_well;
}

void Workers::stop() {
  join();
  if (const auto reason = failure()) throw std::runtime_error(*reason);
}

void Workers::join() noexcept {
  stop_.request_stop();
  {
    std::unique_lock lock(state_->mutex);
    const bool all_ended =
        state_->ended.wait_for(lock, stop_limit_, [this] { return state_->running.empty(); });
    if (!all_ended) {
      log::error("{} did not stop within {} ms", fmt::join(state_->running, ", "),
                 stop_limit_.count());
      std::_Exit(EXIT_FAILURE);
    }
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

int Workers::failure_fd() const noexcept { return state_->failure_event.get(); }

std::optional<std::string> Workers::failure() const {
  const std::lock_guard lock(state_->mutex);
  return state_->failure;
}

}  // namespace aquatic::process
