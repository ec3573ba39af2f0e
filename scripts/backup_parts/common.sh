# shellcheck shell=bash
# What every part uses: how a run ends, what it leaves behind (nothing), and how a file comes to be whole or not at all.

# Classes of endings; docs/backup.md has them as a table.
readonly EXIT_USAGE=2 EXIT_SETTINGS=3 EXIT_BUSY=4 EXIT_SERVER=5 EXIT_SPACE=6 EXIT_TOOL=7 EXIT_BAD=8 EXIT_NOTHING=9
readonly EXIT_TARGET=10 EXIT_SIGNAL=143

dry_run=no
job=                 # process group of the pipeline that runs now
scratch_directory=   # everything that is unpacked or started stands in here
scratch_server=      # PID of the server that has it
partial_directory=   # a backup that is not whole yet
command_name=none
end_hook=            # called with the exit status before the end: the metrics of this run

say() { printf '%s\n' "$*" >&2; }

# die CLASS WORDS…: what is wrong and how it is mended, in one line.
die() {
  local class=$1
  shift
  say "${0##*/} $command_name: $*"
  exit "$class"
}

# Everything that changes something goes through here, so that --dry-run is the same walk without the steps.
act() {
  if [ "$dry_run" = yes ]; then
    printf 'would run:'
    printf ' %q' "$@"
    printf '\n'
    return 0
  fi
  "$@"
}

# Runs a function in a process group of its own and waits: a signal to us ends the whole pipeline at once.
in_group() {
  local status=0
  set -m
  { trap - ERR; "$@"; } &
  job=$!
  set +m
  wait "$job" || status=$?
  job=
  return "$status"
}

# Gone, not only told to go: they write into what is removed next, and hold the lock on.
end_group() {
  local group=$1 looks=0
  kill -KILL -- "-$group"
  wait "$group"
  while kill -0 -- "-$group" && ((looks++ < 100)); do sleep 0.05; done
}

finish() {
  local status=$?
  trap - EXIT ERR
  trap '' INT TERM HUP
  set +e
  if [ -n "$job" ]; then end_group "$job"; fi 2>/dev/null
  if [ -n "$scratch_server" ]; then kill -KILL "$scratch_server"; wait "$scratch_server"; fi 2>/dev/null
  if [ -n "$scratch_directory" ]; then rm -rf -- "$scratch_directory"; fi
  if [ -n "$partial_directory" ]; then rm -rf -- "$partial_directory"; fi
  if [ -n "$end_hook" ]; then "$end_hook" "$status"; fi
  exit "$status"
}

unexpected() {
  local status=$1 line=$2 file=$3
  say "${0##*/} $command_name: ended with $status at ${file##*/}:$line, which nobody expected; nothing half-made is kept"
  exit "$EXIT_TOOL"
}

set_traps() {
  trap finish EXIT
  trap 'unexpected $? $LINENO "${BASH_SOURCE[0]}"' ERR
  trap 'say "${0##*/} $command_name: ended by a signal; nothing half-made is kept"; exit $EXIT_SIGNAL' INT TERM HUP
}

# The backup gives way to the server it runs beside.
be_gentle() {
  renice -n 10 -p $$ >/dev/null
  ionice -c 2 -n 7 -p $$ 2>/dev/null || say "note: no I/O priorities here; goes on without"
}

# hold LOCKFILE shared|exclusive SECONDS: until the end of this program and of all it started.
hold() {
  local file=$1 kind=$2 seconds=$3
  exec 9>>"$file"
  flock "--$kind" --timeout "$seconds" 9 ||
    die "$EXIT_BUSY" "another run holds $file; wait for its end (fuser -v $file says who)"
}

need_tools() {
  local tool missing=()
  for tool in "$@"; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  [ ${#missing[@]} -eq 0 ] ||
    die "$EXIT_SETTINGS" "not installed: ${missing[*]} (apt-get install mariadb-backup mariadb-server mariadb-client age zstd jq rsync)"
}

now_utc() { date -u +%Y-%m-%dT%H:%M:%SZ; }
seconds_since() { echo $(($(date +%s) - $1)); }
file_bytes() { stat -c %s -- "$1"; }
sha256_of() { sha256sum -- "$1" | cut -d ' ' -f 1; }

# seal FILE: its sum beside it. Both are on the disk when this returns.
seal() {
  sha256_of "$1" >"$1.sha256"
  sync -- "$1" "$1.sha256"
}

# Octet for octet: what sha256sum --check forgives (case, a star) is a flipped bit here.
seal_holds() {
  [ -f "$1" ] && [ -f "$1.sha256" ] && sha256_of "$1" | cmp -s -- - "$1.sha256"
}

# put_sealed FILE <text: replaces FILE and its seal. In between they do not match, which reads as "not good".
put_sealed() {
  cat >"$1.new"
  sha256_of "$1.new" >"$1.sha256.new"
  sync -- "$1.new" "$1.sha256.new"
  mv -- "$1.new" "$1"
  mv -- "$1.sha256.new" "$1.sha256"
  sync -- "$(dirname "$1")"
}

# encrypt_to FILE: standard input, compressed, for the recipients; prints the sum of what was written on its way out.
encrypt_to() {
  zstd -q -3 -T0 | age --encrypt --recipients-file "${setting[recipients]}" | tee -- "$1" | sha256sum | cut -d ' ' -f 1
}

# decrypt FILE: the other way, to standard output.
decrypt() { age --decrypt --identity "${setting[identity]}" -- "$1" | zstd -q -d; }

free_bytes() { df --output=avail -B1 -- "$1" | tail -n 1 | tr -d ' '; }

# need_space DIRECTORY BYTES: that, and what always has to stay free.
need_space() {
  local directory=$1 bytes=$2 mib=${setting[least_free_mib]} free
  free=$(free_bytes "$directory")
  [ "$free" -ge $((bytes + mib * 1048576)) ] ||
    die "$EXIT_SPACE" "$directory has $((free / 1048576)) MiB free, $((bytes / 1048576)) MiB are needed and least_free_mib = ${setting[least_free_mib]} must stay; make room or let retention keep less"
}

# Why a pipeline into DIRECTORY failed: a full disk has its own class.
die_writing() {
  local directory=$1
  shift
  if [ "$(free_bytes "$directory")" -lt 1048576 ]; then die "$EXIT_SPACE" "$directory is full: $*"; fi
  die "$EXIT_TOOL" "$*"
}

# The name has our PID, so that what a killed run left behind can be told and removed.
make_scratch() {
  local left
  for left in "${setting[scratch]}"/mainstay-*-??????; do
    if [[ $left =~ /mainstay-([0-9]+)-[^/]*$ ]] && ! [ -d "/proc/${BASH_REMATCH[1]}" ]; then rm -rf -- "$left"; fi
  done
  scratch_directory=$(mktemp -d -- "${setting[scratch]}/mainstay-$$-XXXXXX")
  # A Unix socket's path has at most 107 octets.
  [ ${#scratch_directory} -lt 90 ] || die "$EXIT_SETTINGS" "scratch = ${setting[scratch]} is too long a path for a socket"
}
