# What scenarios have in common that run in test/real/can-vm: programs side by side, and waiting for what they bring
# about. To be sourced, in the folder of the repository; $1 is a folder for what they say, $2 the Node to run.
#
# A program has a name: what it says stands in the files NAME and NAME.err of that folder, its exit status in
# NAME.status. A command that fails and a thing that does not come about end the scenario; how long a thing takes does
# not matter.
set -Eeuo pipefail
out=$1
trap 'echo "${BASH_SOURCE[0]}, line $LINENO: exit status $? of $BASH_COMMAND" >&2' ERR

# Seconds that a thing may take to come about. Node needs one or two of them to start, and ten times as many where the
# machine has other things to do.
patience=90

# `wattzup` is a program like any other.
printf '#!/bin/sh\nexec %q bin/wattzup.js "$@"\n' "$2" >/run/wattzup
chmod +x /run/wattzup
PATH=/run:$PATH

section() { echo "$SECONDS s: $1"; }

fail() {
  echo "$0: $1" >&2
  find "$out" -name '*.err' -size +0 -exec tail -v -n 3 {} + >&2
  exit 1
}

# Runs a program to its end, which may be a bad one.
run() {
  local name=$1 status=0
  shift
  timeout "$patience" "$@" >"$out/$name" 2>"$out/$name.err" || status=$?
  echo "$status" >"$out/$name.status"
}

# Starts a program in the background.
declare -A pids=()
start() {
  local name=$1
  shift
  : >"$out/$name" >"$out/$name.err" # they are there when it is asked what they say
  "$@" >"$out/$name" 2>"$out/$name.err" &
  pids[$name]=$!
}

# Ends programs as a user does; waits until they have ended.
stop() {
  local name
  for name; do kill -INT "${pids[$name]}"; done
  ended "$@"
}
ended() {
  local name status
  for name; do
    await "$name to end" has_ended "${pids[$name]}"
    status=0
    wait "${pids[$name]}" || status=$?
    echo "$status" >"$out/$name.status"
  done
}
has_ended() { ! kill -0 "$1" 2>/dev/null; }

# Waits until the kernel has so many entries for those who listen: each filter is one, and so is an interest in errors,
# which wattzup has always.
listening() { await "$1 entries of who listens" has_listeners "$1"; }
has_listeners() {
  local count what
  while read -r count what; do
    [[ $what != 'current receive list entries'* ]] || ((count < $1)) || return 0
  done </proc/net/can/stats
  return 1
}

# Waits until files have so many lines, or say something.
lines() {
  local name
  for name in "${@:2}"; do await "$1 lines in $name" has_lines "$1" "$out/$name"; done
}
has_lines() { [ "$(wc -l <"$2")" -ge "$1" ]; }
says() {
  local name
  for name in "${@:2}"; do await "'$1' in $name" grep -qE "$1" "$out/$name"; done
}

# Tries until a command succeeds. (`read -t` would wait without another process, but now and then it leaves a shell in
# this kernel deaf to the end of its children.)
await() {
  local what=$1 end=$((SECONDS + patience))
  shift
  until "$@"; do
    ((SECONDS < end)) || fail "waited $patience s for $what"
    sleep 0.1
  done
}
