// SPDX-License-Identifier: Apache-2.0
// The worker threads of a process, supervised: one that ends before it was asked to is a failure
// of the whole process, which learns of it at once. One that serves is watched, too: should it
// hang, that is noticed.
//
// Belongs to the thread of the control loop.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "process/watched_token.h"

namespace aquatic::process {

class Workers {
 public:
  // What a worker does until the token says stop. What it throws is the reason of its failure.
  using Body = std::function<void(std::stop_token)>;
  using WatchedBody = std::function<void(const WatchedToken&)>;

  // Workers are to look at their token more often than this. One that has not ended by then ends
  // the process with exit status 1, because nothing that it uses could be freed. One that is
  // watched and has not looked for so long hangs.
  static constexpr std::chrono::seconds kStopLimit{10};
  // What the kernel keeps of the name of a thread.
  static constexpr std::size_t kMaxNameLength = 15;

  explicit Workers(std::chrono::milliseconds stop_limit = kStopLimit);
  // Stops and joins whatever still runs.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Runs `body` in a thread of that name, with all signals blocked.
  // Requires: at most kMaxNameLength characters.
  void start(const std::string& name, Body body);
  // The same, and watches it.
  void start_watched(const std::string& name, WatchedBody body);

  // Asks all workers to stop and waits for them. Throws the first failure, if there was one.
  void stop();

  // Looks after the watched ones, `passed` after the last time or less: if the whole process was
  // halted for long, nobody hangs. Logs who hangs, and who has come back; returns whether nobody
  // does.
  bool look_after(std::chrono::milliseconds passed);

  std::size_t size() const noexcept { return threads_.size(); }
  // Readable once a worker has failed.
  int failure_fd() const noexcept;
  // "worker udp-3 failed: no memory": of the first that did.
  std::optional<std::string> failure() const;

 private:
  struct State;
  struct Watched;

  void join() noexcept;

  std::chrono::milliseconds stop_limit_;
  std::unique_ptr<State> state_;
  std::stop_source stop_;
  std::vector<std::unique_ptr<Watched>> watched_;
  std::vector<std::thread> threads_;  // They use all of the above.
};

}  // namespace aquatic::process
