# shellcheck shell=bash
# Metrics for node-exporter's textfile collector: one file for each command, and one for the state of the repository.

run_started=$(date +%s)

put_metrics() {
  local file=${setting[metrics_directory]}/$1
  cat >"$file.$$" && chmod 0644 "$file.$$" && mv -- "$file.$$" "$file"
}

# Called at the end of each run, however it ended.
write_metrics() {
  local status=$1
  if [ -z "${setting[metrics_directory]}" ] || ! [ -w "${setting[metrics_directory]}" ] || [ "$dry_run" = yes ]; then return; fi
  put_metrics "mainstay_backup_$command_name.prom" <<METRICS
# HELP mainstay_backup_exit_code How the last run of the command ended: 0, or the class of what went wrong.
# TYPE mainstay_backup_exit_code gauge
mainstay_backup_exit_code{command="$command_name"} $status
# HELP mainstay_backup_run_seconds How long it took.
# TYPE mainstay_backup_run_seconds gauge
mainstay_backup_run_seconds{command="$command_name"} $(seconds_since "$run_started")
# HELP mainstay_backup_run_timestamp_seconds When it ended.
# TYPE mainstay_backup_run_timestamp_seconds gauge
mainstay_backup_run_timestamp_seconds{command="$command_name"} $(date +%s)
METRICS
  if [ -d "${setting[repository]}" ]; then repository_metrics | put_metrics mainstay_backup_repository.prom; fi
}

metric() { printf '# HELP %s %s\n# TYPE %s gauge\n' "$1" "$2" "$1"; }

repository_metrics() {
  local list
  list=$(list_backups)
  metric mainstay_backups "Backups by kind and verdict."
  jq -r 'group_by([.kind, .verdict])[] | "mainstay_backups{kind=\"\(.[0].kind // "unknown")\",verdict=\"\(.[0].verdict)\"} \(length)"' <<<"$list"
  metric mainstay_backup_last_good_timestamp_seconds "What moment the newest verified backup is of."
  newest_good "$list" '.as_of | fromdate' mainstay_backup_last_good_timestamp_seconds
  metric mainstay_backup_last_good_size_bytes "Size of the newest verified backup."
  newest_good "$list" .bytes mainstay_backup_last_good_size_bytes
  metric mainstay_backup_last_good_duration_seconds "How long the newest verified backup took."
  newest_good "$list" .seconds mainstay_backup_last_good_duration_seconds
}

newest_good() {
  jq -r --arg metric "$3" "map(select(.verdict == \"good\")) | group_by(.kind)[] | max_by(.as_of) |
    \"\(\$metric){kind=\\\"\(.kind)\\\"} \($2)\"" <<<"$1"
}

archive_metrics() {
  local lineage=$1 until=0
  if [ -z "${setting[metrics_directory]}" ]; then return; fi
  if [ -e "$lineage/complete_until" ]; then until=$(cat "$lineage/complete_until"); fi
  {
    metric mainstay_backup_archive_complete_timestamp_seconds "When the archive last had everything the server had."
    echo "mainstay_backup_archive_complete_timestamp_seconds $until"
  } | put_metrics mainstay_backup_stream.prom
}
