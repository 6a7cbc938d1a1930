#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Asks the tracker on this machine whether it serves, with nothing but bash: over UDP for a
# connection id (BEP 15), or where nobody answers that, over HTTP for /health.
#
#   healthcheck [PORT]    the default is 3000
#
# Exit: 0 it serves; 1 it does not.
set -u
port=${1:-3000}

answers_udp() {
  # Magic number, action connect, transaction id "seed"; back come action, id, and eight bytes more.
  # The subshell keeps a refusal, which redirections do not survive, from ending the script.
  (
    exec 3<>"/dev/udp/127.0.0.1/$port" &&
      printf '\x00\x00\x04\x17\x27\x10\x19\x80\x00\x00\x00\x00seed' >&3 &&
      [[ $(timeout 2 dd bs=64 count=1 status=none <&3 | od -A n -t x1 | tr -d ' \n') == \
        0000000073656564???????????????? ]]
  ) 2>/dev/null
}

answers_http() {
  local status
  (
    exec 3<>"/dev/tcp/127.0.0.1/$port" &&
      printf 'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3 &&
      read -r -t 2 status <&3 && [[ $status == 'HTTP/1.1 200 '* ]]
  ) 2>/dev/null
}

answers_udp || answers_http
