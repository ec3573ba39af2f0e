# shellcheck shell=bash
# A server for what was restored: no network but for a loopback that nobody shares, a socket only we can reach, and gone
# with us even if we are killed.

scratch_sql() { mariadb --no-defaults --socket="$scratch_directory/socket" --user=root --batch --skip-column-names --max-allowed-packet=1G "$@"; }

# A quarter of the memory there is, so that what is read again is not read from the disk again.
buffer_mib() { awk '/^MemAvailable:/ {m = int($2 / 4096); if (m < 128) m = 128; if (m > 2048) m = 2048; print m}' /proc/meminfo; }

# side_by_side COUNT COMMAND…: COMMAND with each COUNT lines of standard input as words, as many at a time as there are
# cores: one session of a server keeps one core busy. What each prints is a line, or not much more.
side_by_side() { xargs --no-run-if-empty --delimiter='\n' --max-procs="$(nproc)" --max-args="$1" "${@:2}"; }

# Database and name of each table, a line each, the largest tables first: the last to end shall be a small one.
scratch_tables() {
  scratch_sql --execute="SELECT CONCAT(table_schema, '\n', table_name) FROM information_schema.tables
    WHERE table_schema NOT IN ($SYSTEM_DATABASES) ORDER BY data_length DESC" --raw
}

# Lines of digests, in no order. Nobody changes this server's tables, so they need no snapshot.
scratch_digests() {
  local statements
  statements=$(digest_statements scratch_sql) || return
  side_by_side 1 mariadb --no-defaults --socket="$scratch_directory/socket" --user=root --batch --skip-column-names --execute <<<"$statements"
}

# scratch_start DATA: grants are not looked at, for we know none of the passwords.
scratch_start() {
  local data=$1 deadline=$((SECONDS + 300))
  rm -f -- "$scratch_directory/socket"
  # exec keeps one process from here to mariadbd, so that the signal at our death reaches it.
  (
    # Who has no network needs no other, as in a container that may not make one. Root needs no user namespace to have one.
    if ! grep ':' /proc/net/dev | grep -qv '^ *lo:'; then own=()
    elif [ "$(id -u)" -eq 0 ]; then own=(unshare --net)
    else own=(unshare --map-root-user --net); fi
    exec "${own[@]}" setpriv --pdeathsig KILL mariadbd --no-defaults --user=root --datadir="$data" \
      --socket="$scratch_directory/socket" --pid-file="$scratch_directory/pid" --tmpdir="$scratch_directory" \
      --skip-networking --skip-grant-tables --skip-slave-start --server-id=4294967295 --log-bin="$scratch_directory/binlog" \
      --binlog-format=ROW --gtid-strict-mode=OFF --character-set-server=utf8mb4 --collation-server=utf8mb4_bin \
      --innodb-buffer-pool-size="$(buffer_mib)M" --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF --performance-schema=OFF \
      --max-allowed-packet=1G --secure-file-priv="$scratch_directory" --log-error="$scratch_directory/server.log" 9>&-
  ) </dev/null >/dev/null 2>&1 &
  scratch_server=$!
  until scratch_sql --execute='SELECT 1' >/dev/null 2>&1; do
    if ! kill -0 "$scratch_server" 2>/dev/null || [ "$SECONDS" -gt "$deadline" ]; then
      scratch_complaint="the scratch server does not start: $(grep -F '[ERROR]' "$scratch_directory/server.log" | tail -n 2 | tr '\n' ' ')"
      return 1
    fi
    sleep 0.1  # between two looks
  done
}

scratch_stop() {
  kill -TERM "$scratch_server"
  wait "$scratch_server" || true
  scratch_server=
}

# unpack NAME DATA: the data directory or the SQL of a backup, as it was copied.
unpack_full() {
  mkdir -p -- "$2" && decrypt "$(backup_path "$1")/data.zst.age" 2>"$scratch_directory/unpack.log" |
    mbstream -x -C "$2" 2>>"$scratch_directory/unpack.log" &&
    mariadb-backup --no-defaults --prepare --use-memory=256M --target-dir="$2" 2>"$scratch_directory/prepare.log"
}

# Temporary tables in a folder of its own: a server that starts removes what it finds of them in a common one.
empty_server() {
  mariadb-install-db --no-defaults --user=root --skip-test-db --auth-root-authentication-method=socket \
    --datadir="$1" --tmpdir="$scratch_directory" >"$scratch_directory/install.log" 2>&1
}

load_logical() { decrypt "$(backup_path "$1")/data.zst.age" 2>"$scratch_directory/unpack.log" | scratch_sql 2>>"$scratch_directory/unpack.log"; }

# With grants off, statements about accounts are refused; the first line turns them on, and this session stays who it is.
replay_into_scratch() { { echo 'FLUSH NO_WRITE_TO_BINLOG PRIVILEGES;'; cat; } | scratch_sql --binary-mode 2>>"$scratch_directory/replay.log"; }

load_bridge() { decrypt "$(backup_path "$1")/bridge.zst.age" 2>"$scratch_directory/unpack.log" | replay_into_scratch; }

# restore_base NAME DATA: a running scratch server at the manifest's GTID. On failure scratch_complaint says why.
restore_base() {
  local name=$1 data=$2
  scratch_complaint=
  need_space "$(dirname "$data")" "$(manifest "$name" .unpacked_bytes)"
  if [ "$(manifest "$name" .kind)" = full ]; then
    in_group unpack_full "$name" "$data" || { complain "does not unpack" unpack.log prepare.log; return 1; }
    scratch_start "$data" || return 1
  else
    in_group empty_server "$data" || { complain "mariadb-install-db failed" install.log; return 1; }
    scratch_start "$data" || return 1
    in_group load_logical "$name" || { complain "does not load" unpack.log; return 1; }
  fi
  scratch_sql --execute="RESET MASTER; SET GLOBAL gtid_slave_pos = '$(manifest "$name" .copy_gtid)'" ||
    { scratch_complaint="the copy's GTID could not be set"; return 1; }
  if [ -e "$(backup_path "$name")/bridge.zst.age" ]; then
    in_group load_bridge "$name" || { complain "the bridge does not load" unpack.log replay.log; return 1; }
    scratch_restart "$data" || return 1
  fi
}

# After a replay: grants are off again, and that the data survives a stop is seen.
scratch_restart() { scratch_stop && scratch_start "$1"; }

complain() {
  local what=$1 log
  shift
  scratch_complaint="$what: $(for log in "$@"; do if [ -e "$scratch_directory/$log" ]; then tail -n 2 "$scratch_directory/$log"; fi; done | tr '\n' ' ')"
  if [ "$(free_bytes "$scratch_directory")" -lt 1048576 ]; then die "$EXIT_SPACE" "$scratch_directory is full: $scratch_complaint"; fi
}
