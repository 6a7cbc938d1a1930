# SPDX-License-Identifier: Apache-2.0
# Fresh roots of Debian 12 for scripts that prove something in them; to be sourced after common.sh.
# shellcheck shell=bash

# Prints "URI SUITE COMPONENT" of each Debian archive in this machine's apt sources.
debian_archives() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    grep -E ' bookworm(-updates|-security)? main$' | sort -u
}

# Makes the root in $root, with the packages $1 (a list with commas, may be empty) besides the
# essential ones, from the mirror that this machine's apt uses.
make_root() {
  local mirror included=()
  [[ -z $1 ]] || included=("--include=$1")
  mirror=$(debian_archives | awk '$2 == "bookworm" { print $1; exit }')
  [[ -n $mirror ]] || die "this machine's apt sources name no mirror of Debian 12 (bookworm)"
  # debootstrap asks the environment for proxies, apt its configuration.
  local http_proxy=${http_proxy:-} https_proxy=${https_proxy:-}
  eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
  http_proxy=$http_proxy https_proxy=$https_proxy debootstrap --variant=minbase "${included[@]}" \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg bookworm "$root" "$mirror" |
    sed -u 's#[a-z]*://[^ ]*#the mirror#' >&2
  debian_archives | sed 's/^/deb /' >"$root/etc/apt/sources.list"
  apt-config dump | grep -E '^Acquire::(http|https)::(Proxy|CaInfo)\b' \
    >"$root/etc/apt/apt.conf.d/99host" || true
  if [[ -e /etc/ssl/certs/ca-certificates.crt ]]; then  # For mirrors and proxies with TLS.
    mkdir -p "$root/etc/ssl/certs" "$root/usr/local/share/ca-certificates"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    # Where the package ca-certificates, when it comes, finds what to add to its own.
    cp /etc/ssl/certs/ca-certificates.crt "$root/usr/local/share/ca-certificates/host.crt"
  fi
  cp /etc/resolv.conf /etc/hosts "$root/etc/"
}

clean_up_root() {
  if [[ -n ${inside:-} ]]; then kill -KILL "$inside" 2>/dev/null || true; fi
  if [[ ${keep:-0} == 1 ]]; then
    say "the root is in $root"
  else
    rm -rf --one-file-system "$root"
  fi
}

# Makes a root whose name begins with $1, with the packages $2, and sets `root` to it. It goes with
# the script, unless keep=1, and so does a process whose id is in `inside`.
new_root() {
  [[ $EUID -eq 0 ]] || die "a root of Debian can only be made by root"
  root=$(mktemp -d "${TMPDIR:-/var/tmp}/$1-XXXXXX")
  chmod 755 "$root"
  trap clean_up_root EXIT
  trap 'exit 1' INT TERM
  timed "making a root of Debian 12 (minbase)" make_root "$2"
}
