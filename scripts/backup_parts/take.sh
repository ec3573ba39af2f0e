# shellcheck shell=bash
# Taking a backup. Neither tool can say what was in the database at the moment its copy is of, and replication is not to
# be stopped for it. So a snapshot is opened after the copy, its tables are counted and summed up, and what was written
# between the two (the bridge) is kept with the copy: copy + bridge = snapshot, to the row.

readonly SERVER_BYTES=$((256 * 1048576))  # of a server beside its tables: logs, system tables

from_primary=no
copy_gtid=
databases=()

take() {
  local kind=$1 name started
  need_tools mariadb mariadb-binlog mariadb-backup mariadb-dump age zstd jq rsync
  read_settings database recipients no-identity
  server_must_answer
  if [ "$from_primary" = no ]; then require_current_replica; fi
  hold "${setting[repository]}/.lock" exclusive 0
  remove_partials
  need_space "${setting[repository]}" "$(expected_bytes)"
  started=$(date +%s)
  name=$kind-$(date -u -d "@$started" +%Y%m%dT%H%M%SZ)
  if [ "$dry_run" = yes ]; then
    echo "would take $name into ${setting[repository]} from $(sql --execute='SELECT @@hostname, @@port' | tr '\t' ':'), GTID $(sql --execute='SELECT @@gtid_binlog_pos')"
    return
  fi
  be_gentle
  partial_directory=${setting[repository]}/.partial-$name
  mkdir -m 0700 -- "$partial_directory"
  "take_$kind"
  describe "$kind" "$name" "$started"
  publish "$name"
}

# Both nodes have the timers. That the primary takes no backup is no fault; whatever is one, the backup itself tells.
due() {
  (read_settings database && server_must_answer) 2>/dev/null || return 0
  read_settings database
  [ -n "$(replica_column Slave_IO_Running)" ] || die "$EXIT_SERVER" "this server is no replica; the other one takes the backups"
}

# A compressed backup of this data is seldom over half of it; what turns out larger ends as a full disk does.
expected_bytes() {
  sql --execute="SELECT SUM(file_size) DIV 2 FROM information_schema.innodb_sys_tablespaces"
}

take_full() {
  in_group stream_physical || failed_taking "mariadb-backup" backup.log
  copy_gtid=$(sed -n "s/^binlog_pos = .*GTID of the last change '\(.*\)'$/\1/p" "$partial_directory/info/xtrabackup_info")
}

stream_physical() {
  mkdir -- "$partial_directory/info" "$partial_directory/tmp" &&
    mariadb-backup --defaults-file="${setting[defaults_file]}" --backup --stream=mbstream --slave-info \
      --target-dir="$partial_directory/tmp" --extra-lsndir="$partial_directory/info" 2>"$partial_directory/backup.log" |
    encrypt_to "$partial_directory/data.zst.age" >"$partial_directory/data.sum"
}

take_logical() {
  mapfile -t databases < <(user_databases sql)
  in_group stream_logical || failed_taking "mariadb-dump" backup.log
  local file position
  read -r file position < <(sed -n "s/^.*MASTER_LOG_FILE=\('[^']*'\), MASTER_LOG_POS=\([0-9]*\);$/\1 \2/p" "$partial_directory/position")
  copy_gtid=$(sql --execute="SELECT $(gtid_at "$file" "$position")")
}

# The dump names its position in a comment of its head, which is kept in clear as well.
stream_logical() {
  mariadb-dump --defaults-file="${setting[defaults_file]}" --single-transaction --master-data=2 --quick \
    --routines --events --triggers --hex-blob --databases "${databases[@]}" 2>"$partial_directory/backup.log" |
    copy_and_keep MASTER_LOG_POS "$partial_directory/position" |
    encrypt_to "$partial_directory/data.zst.age" >"$partial_directory/data.sum"
}

# copy_and_keep WORD FILE: standard input to output; the first line with WORD, if it is among the first 100, into FILE.
copy_and_keep() {
  local word=$1 file=$2 line number
  for ((number = 0; number < 100; number++)); do
    IFS= read -r line || break
    printf '%s\n' "$line"
    if [[ $line == *"$word"* ]]; then printf '%s\n' "$line" >"$file"; break; fi
  done
  cat
}

failed_taking() {
  local tool=$1 log=$partial_directory/$2
  die_writing "${setting[repository]}" "$tool or what is behind it (zstd, age) failed; its last words: $(tail -n 3 "$log" | tr '\n' ' ')"
}

# From the copy's GTID to the snapshot's, as the server's own binary log tells it.
take_bridge() {
  local from=$1 to=$2 first
  if [ "$from" = "$to" ]; then return; fi
  first=$(binlog_with "$from")
  in_group stream_bridge "$from" "$to" "$first" || failed_taking "mariadb-binlog" bridge.log
}

stream_bridge() {
  mariadb-binlog --defaults-file="${setting[defaults_file]}" --read-from-remote-server --to-last-log \
    --start-position="$1" --stop-position="$2" "$3" 2>"$partial_directory/bridge.log" |
    encrypt_to "$partial_directory/bridge.zst.age" >"$partial_directory/bridge.sum"
}

file_entry() {
  jq -n --arg file "$1.zst.age" --argjson bytes "$(file_bytes "$partial_directory/$1.zst.age")" \
    --arg sum "$(cat "$partial_directory/$1.sum")" '{($file): {bytes: $bytes, sha256: $sum}}'
}

# The manifest, from the snapshot and from what lies in the partial directory.
describe() {
  local kind=$1 name=$2 started=$3 snapshot gtid as_of files
  [ -n "$copy_gtid" ] || die "$EXIT_SERVER" "the copy names no GTID: is log_bin on, and log_slave_updates?"
  snapshot=$(live_snapshot) || die "$EXIT_SERVER" "the snapshot for the manifest failed; run again"
  IFS=$'\t' read -r gtid as_of < <(head -n 1 <<<"$snapshot")
  take_bridge "$copy_gtid" "$gtid"
  files=$(for part in data bridge; do
    if [ -f "$partial_directory/$part.zst.age" ]; then file_entry "$part"; fi
  done | jq -s add)
  jq -n --arg kind "$kind" --arg name "$name" --arg as_of "$as_of" --arg copy_gtid "$copy_gtid" --arg gtid "$gtid" \
    --arg started "$(date -u -d "@$started" +%Y-%m-%dT%H:%M:%SZ)" --argjson seconds "$(seconds_since "$started")" \
    --arg database "${setting[database]}" --argjson files "$files" --argjson recipients "$(grep -cE '^(age1|ssh-)' "${setting[recipients]}")" \
    --argjson unpacked "$(($(expected_bytes) * 2 + SERVER_BYTES))" --argjson tools "$(tool_versions)" --argjson server "$(server_facts)" \
    --argjson tables "$(tail -n +2 <<<"$snapshot" | digests_as_json)" \
    '{format: 1, $name, $kind, $database, $started, $seconds, $as_of, $copy_gtid, $gtid, unpacked_bytes: $unpacked,
      $files, $tables, recipients: $recipients, $server, $tools}' >"$partial_directory/manifest.json"
}

tool_versions() {
  jq -n --arg backup "$(mariadb-backup --version 2>&1 | grep -o 'based on MariaDB.*' | sed -n 1p)" --arg dump "$(mariadb-dump --version)" \
    --arg zstd "$(zstd --version | grep -o 'v[0-9.]*')" --arg age "$(age --version)" \
    '{"mariadb-backup": $backup, "mariadb-dump": $dump, zstd: $zstd, age: $age}'
}

server_facts() {
  sql --execute='SELECT @@version, @@server_id, @@hostname' |
    jq -R 'split("\t") | {version: .[0], server_id: (.[1] | tonumber), host: .[2]}'
}

# Everything on the disk first, then the name: what has the name is whole.
publish() {
  local name=$1 path
  path=$(backup_path "$1")
  rm -rf -- "$partial_directory"/{info,tmp,position,backup.log,bridge.log,data.sum,bridge.sum}
  seal "$partial_directory/manifest.json"
  sync -- "$partial_directory"/* "$partial_directory"
  [ ! -e "$path" ] || die "$EXIT_BUSY" "$path is there already; run again in a second"
  mv -T -- "$partial_directory" "$path"
  partial_directory=
  sync -- "${setting[repository]}"
  say "$name: $(manifest "$name" '"GTID \(.gtid), \([.tables[].rows] | add) rows, \([.files[].bytes] | add) octets, \(.seconds) s"'); not verified yet"
}
