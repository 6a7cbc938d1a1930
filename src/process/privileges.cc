// SPDX-License-Identifier: Apache-2.0
#include "process/privileges.h"

#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "process/system_error.h"

namespace aquatic::process {
namespace {

// One entry of passwd or group; a group with more members than fit is not one for a daemon.
constexpr std::size_t kMaxEntryBytes = std::size_t{1} << 20;

uid_t find_user(const std::string& name) {
  std::vector<char> buffer(kMaxEntryBytes);
  passwd entry;
  passwd* found = nullptr;
  const int error = getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found) return entry.pw_uid;
  const std::string why = error == 0 ? "" : fmt::format(" ({})", std::strerror(error));
  throw std::runtime_error(fmt::format("there is no user `{}` to become{}", name, why));
}

gid_t find_group(const std::string& name) {
  std::vector<char> buffer(kMaxEntryBytes);
  group entry;
  group* found = nullptr;
  const int error = getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found) return entry.gr_gid;
  const std::string why = error == 0 ? "" : fmt::format(" ({})", std::strerror(error));
  throw std::runtime_error(fmt::format("there is no group `{}` to become{}", name, why));
}

void change_root(const std::string& path) {
  if (chdir(path.c_str()) != 0 || chroot(".") != 0 || chdir("/") != 0) {
    throw_errno(fmt::format("cannot make {} the root directory", path));
  }
}

// The kernel's word for it, and an attempt to get back.
bool is_for_good(uid_t user, gid_t group) {
  uid_t real_user, effective_user, saved_user;
  gid_t real_group, effective_group, saved_group;
  if (getresuid(&real_user, &effective_user, &saved_user) != 0) return false;
  if (getresgid(&real_group, &effective_group, &saved_group) != 0) return false;
  const bool has_changed = real_user == user && effective_user == user && saved_user == user &&
                           real_group == group && effective_group == group && saved_group == group;
  return has_changed && setuid(0) != 0 && setgid(0) != 0 && chroot(".") != 0;
}

}  // namespace

void drop_privileges(const LesserIdentity& identity) {
  if (geteuid() != 0) {
    throw std::runtime_error(
        "privileges cannot be dropped: start the process as root, or set "
        "privileges.drop_privileges to false");
  }
  // While the files with the names can still be seen.
  const uid_t user = find_user(identity.user);
  const gid_t group = find_group(identity.group);
  if (user == 0 || group == 0) {
    throw std::runtime_error(
        fmt::format("user `{}` or group `{}` is root: nothing would be given up", identity.user,
                    identity.group));
  }
  change_root(identity.root_path);
  // Groups first: the user who results may not change them.
  if (setgroups(1, &group) != 0 || setresgid(group, group, group) != 0) {
    throw_errno(fmt::format("cannot become group `{}`", identity.group));
  }
  if (setresuid(user, user, user) != 0) {
    throw_errno(fmt::format("cannot become user `{}`", identity.user));
  }
  if (!is_for_good(user, group)) {
    throw std::runtime_error("privileges were dropped, but the process could get them back");
  }
}

}  // namespace aquatic::process
