#!/bin/sh
# Puts a Docker engine on a bare Debian machine and starts it. Needs root.
# Does nothing where one answers already, so it may be called before every test run.
set -eu

# Daemons started here live as long as the machine; their log is the place to look when they do not.
log="${TMPDIR:-/tmp}/dockerd.log"
patience=60

answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

fail() {
  printf '%s: %s\n' "$0" "$1" >&2
  exit 1
}

if answers; then
  exit 0
fi

[ "$(id -u)" -eq 0 ] || fail 'no Docker engine answers, and installing one needs root. Start Docker, or run this as root.'

missing=''
for program in dockerd:docker.io iptables:iptables; do
  command -v "${program%%:*}" >/dev/null 2>&1 || missing="$missing ${program##*:}"
done
if [ -n "$missing" ]; then
  command -v apt-get >/dev/null 2>&1 || fail "no apt-get here to install$missing with. Install Docker by hand: https://docs.docker.com/engine/install/"
  apt-get update -qq
  # shellcheck disable=SC2086 # a list of package names
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing ca-certificates >/dev/null
fi

if [ -d /run/systemd/system ]; then
  systemctl start docker || fail "systemd could not start Docker; 'journalctl -u docker' says why."
  daemon=1
else
  # A pid file of a daemon that was killed keeps the next one from starting.
  pid_file=/var/run/docker.pid
  if [ -f "$pid_file" ] && ! kill -0 "$(cat "$pid_file")" 2>/dev/null; then
    rm -f "$pid_file"
  fi
  setsid dockerd >"$log" 2>&1 </dev/null &
  daemon=$!
fi
for _ in $(seq "$patience"); do
  if answers; then
    exit 0
  fi
  kill -0 "$daemon" 2>/dev/null || break
  sleep 1
done
[ ! -f "$log" ] || tail -n 20 "$log" >&2
fail "dockerd ended or does not answer after $patience s; the end of $log is above."
