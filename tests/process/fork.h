// SPDX-License-Identifier: Apache-2.0
// Child processes of tests.
#pragma once
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <functional>

namespace aquatic::process {

inline constexpr int kThrew = 99;

// Starts a child that runs `body` and exits with what it returns, or with kThrew.
inline pid_t start_child(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child != 0) return child;
  int status = kThrew;
  try {
    status = body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child: %s\n", error.what());
  }
  _exit(status);
}

// How the child ended: its exit status, or the signal that killed it as a negative number.
inline int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

inline int run_in_child(const std::function<int()>& body) { return wait_for(start_child(body)); }

}  // namespace aquatic::process
