// SPDX-License-Identifier: Apache-2.0
#include "process/open_files.h"

#include <sys/resource.h>

#include "process/system_error.h"

namespace aquatic::process {

std::uint64_t raise_open_file_limit() {
  rlimit limit;
  checked(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  // The soft limit protects programs that use select(2).
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

}  // namespace aquatic::process
