# shellcheck shell=bash
# What is asked of a MariaDB server, and what a database's content is in one number for each table.

# sql ARGUMENTS…: the live server, with the credentials of the defaults file alone; rows as tab-separated lines.
sql() { mariadb --defaults-file="${setting[defaults_file]}" --batch --skip-column-names "$@"; }

server_must_answer() {
  sql --execute='SELECT 1' >/dev/null ||
    die "$EXIT_SERVER" "the server does not let us in; look at host, socket, user, password and ssl-ca in ${setting[defaults_file]}"
}

# Column NAME of SHOW SLAVE STATUS, empty on a server that follows nobody.
replica_column() {
  sql --column-names --vertical --execute='SHOW SLAVE STATUS' | sed -n "s/^ *$1: //p" | sed -n 1p
}

# A backup is taken from a replica that is up to date: the primary has better things to do, and an old one is of no use.
require_current_replica() {
  local io applier lag
  io=$(replica_column Slave_IO_Running)
  if [ -z "$io" ]; then
    die "$EXIT_SERVER" "this server is no replica; run on the replica, or say --from-primary if there is none"
  fi
  applier=$(replica_column Slave_SQL_Running)
  lag=$(replica_column Seconds_Behind_Master)
  if [ "$io" != Yes ] || [ "$applier" != Yes ]; then
    die "$EXIT_SERVER" "replication does not run (receives: $io, applies: $applier); mend it first (dbctl status), or say --from-primary to take what is here"
  fi
  if [ "$lag" -gt "${setting[most_lag_seconds]}" ]; then
    die "$EXIT_SERVER" "the replica is $lag s behind, more than most_lag_seconds = ${setting[most_lag_seconds]}; wait for it"
  fi
}

readonly SYSTEM_DATABASES="'information_schema', 'mysql', 'performance_schema', 'sys'"

# user_databases HOW…: their names; HOW is how to reach the server.
user_databases() {
  "$@" --execute="SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN ($SYSTEM_DATABASES) ORDER BY 1"
}

# One SELECT for each base table: name, rows, digest. The digest is the XOR of 64 bits of each row's MD5, so it does not
# depend on the order of rows; every column goes in with its length, so that no two rows read the same. Rows do not
# cancel each other out, since each table has a primary key. Prints the statements; "$@" is how to reach the server.
digest_statements() {
  "$@" <<SQL
SET SESSION group_concat_max_len = 1048576;
SELECT CONCAT('SELECT ''', table_schema, '.', table_name, ''', COUNT(*), LOWER(LPAD(HEX(BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT(',
  GROUP_CONCAT(CONCAT('COALESCE(CONCAT(LENGTH(\`', column_name, '\`),'':'',\`', column_name, '\`),''-'')')
    ORDER BY ordinal_position SEPARATOR ','),
  ')),16),16,10) AS UNSIGNED))),16,''0'')) FROM \`', table_schema, '\`.\`', table_name, '\`;')
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema NOT IN ($SYSTEM_DATABASES) AND table_type = 'BASE TABLE'
GROUP BY table_schema, table_name ORDER BY MAX(data_length) DESC;
SQL
}

# gtid_at FILE POSITION: the expression for the GTID there. The log of a server that was restored or seeded is empty at
# first, and what it has is its position as a replica.
gtid_at() { printf "COALESCE(NULLIF(BINLOG_GTID_POS(%s, %s), ''), @@gtid_slave_pos)" "$1" "$2"; }

# The database as it is on the live server in one snapshot. First line: GTID of the snapshot, a tab, the server's time
# after it was taken; then the lines of the digests.
live_snapshot() {
  local statements
  statements=$(digest_statements sql)
  if ! grep -qF "'${setting[database]}." <<<"$statements"; then
    die "$EXIT_SERVER" "database ${setting[database]} has no tables, or we may not see them (conf/mariadb/backup_users.sql)"
  fi
  sql <<SQL
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
START TRANSACTION WITH CONSISTENT SNAPSHOT;
SELECT $(gtid_at "(SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'binlog_snapshot_file')" \
  "(SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'binlog_snapshot_position')"),
  DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ');
$statements
ROLLBACK;
SQL
}

# Lines of digests as a JSON object, sorted by name.
digests_as_json() {
  jq -R -s -S 'split("\n") | map(select(. != "") | split("\t") | {key: .[0], value: {rows: (.[1] | tonumber), digest: .[2]}}) | from_entries'
}

# The first file of the server's binary log that has something after GTID.
binlog_with() {
  local gtid=$1 file before last=
  while IFS=$'\t' read -r file _; do
    before=$(sql --execute="SELECT BINLOG_GTID_POS('$file', 4)")
    if ! gtid_covers "$gtid" "$before"; then break; fi
    last=$file
  done < <(sql --execute='SHOW BINARY LOGS')
  printf '%s\n' "$last"
}

# gtid_sequence LIST DOMAIN: its sequence number there, 0 if the domain is unknown.
gtid_sequence() {
  local one
  for one in ${1//,/ }; do
    if [ "${one%%-*}" = "$2" ]; then printf '%s\n' "${one##*-}"; return; fi
  done
  echo 0
}

# gtid_covers HAVE WANT: HAVE is as far as WANT in each of WANT's domains. gtid_strict_mode makes this a question of numbers.
gtid_covers() {
  local one
  for one in ${2//,/ }; do
    if [ "$(gtid_sequence "$1" "${one%%-*}")" -lt "${one##*-}" ]; then return 1; fi
  done
}
