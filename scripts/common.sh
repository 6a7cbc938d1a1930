# SPDX-License-Identifier: Apache-2.0
# What the scripts share; to be sourced. Afterwards the working directory is the project's root,
# and started_in is where it was before.
# shellcheck shell=bash
# shellcheck disable=SC2034  # For those who source this.
started_in=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# Tells the user what happens now. On stderr: stdout is for results.
say() { printf '\n== %s\n' "$*" >&2; }

# Ends with status 1 and a message of one or more lines.
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  if [[ $# -gt 0 ]]; then printf '%s\n' "$@" >&2; fi
  exit 1
}

# Prints the header comment of a script as its help.
print_help() { sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$1"; }

# Runs a command under a heading and says how long it took; returns what it returned.
timed() {
  local title=$1 start=$SECONDS status=0 outcome=ok
  shift
  say "$title"
  "$@" || status=$?
  [[ $status -eq 0 ]] || outcome=FAILED
  printf -- '-- %s: %s, %d s\n' "$title" "$outcome" $((SECONDS - start)) >&2
  return "$status"
}
