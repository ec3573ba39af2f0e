# shellcheck shell=bash
# The way back: a good backup, the logs after it up to the wanted moment, and a look at whether it makes sense.

target=            # GTID, time or latest
target_kind=       # gtid, before, time, latest; since: the time from which transactions are told
named_backup=
into=
base=
stop_gtid=         # the last transaction that is in

# newest_good_full CONDITION [jq arguments…]: the newest good full backup whose manifest fulfils it.
newest_good_full() {
  local good name condition=$1
  shift
  good=$(names_with_verdict good full | tac)
  while IFS= read -r name && [ -n "$name" ]; do
    if jq -e "$@" "$condition" -- "$(backup_path "$name")/manifest.json" >/dev/null; then printf '%s\n' "$name"; return; fi
  done <<<"$good"
}

# What the target leaves to begin with: `base`.
# shellcheck disable=SC2016  # $time is jq's
choose_base() {
  if [ -n "$named_backup" ]; then
    [ -e "$(backup_path "$named_backup")/manifest.json" ] || die "$EXIT_USAGE" "there is no backup $named_backup; backup_script.sh list has their names"
    base=$named_backup
    return
  fi
  case $target_kind in
    latest) base=$(newest_good_full true) ;;
    time) base=$(newest_good_full '(.as_of | fromdate) <= $time' --argjson time "$target") ;;
    since)
      base=$(newest_good_full '(.as_of | fromdate) <= $time' --argjson time "$target")
      base=${base:-$(names_with_verdict good full | sed -n 1p)} ;;
    gtid | before) base=$(newest_good_below "$target") ;;
  esac
  [ -n "$base" ] || die "$EXIT_NOTHING" "no good full backup is from before that; see backup_script.sh list, an unverified one can be named: --backup NAME"
}

newest_good_below() {
  local good name number=${1##*-} domain=${1%%-*}
  good=$(names_with_verdict good full | tac)
  if [ "$target_kind" = before ]; then number=$((number - 1)); fi
  while IFS= read -r name && [ -n "$name" ]; do
    if [ "$(gtid_sequence "$(manifest "$name" .gtid)" "$domain")" -le "$number" ]; then printf '%s\n' "$name"; return; fi
  done <<<"$good"
}

# From the index of the way to `stop_gtid`; the backup's own GTID if nothing is to be replayed.
choose_stop() {
  local from=$1 index=$scratch_directory/way/index
  case $target_kind in
    latest) stop_gtid=$(tail -n 1 "$index" | cut -f 1) ;;
    gtid) stop_gtid=$(if [ "$target" = "$from" ]; then echo "$from"; else grep -oP "^\Q$target\E(?=\t)" "$index" || true; fi) ;;
    before) stop_gtid=$(awk -F '\t' -v gtid="$target" -v last="$from" '$1 == gtid {print last; exit} {last = $1}' "$index") ;;
    time)
      require_complete_until "$target" "$index"
      stop_gtid=$(awk -F '\t' -v time="$target" '$2 >= time {exit} {last = $1} END {print last}' "$index") ;;
  esac
  if [ -z "$stop_gtid" ] && [[ $target_kind == [gb]* ]]; then
    die "$EXIT_NOTHING" "GTID $target is not in the archive after $base; restore.sh --events tells what is"
  fi
  stop_gtid=${stop_gtid:-$from}
}

# A time is reached when something later is in the archive, or when the archive had everything at that time.
require_complete_until() {
  local time=$1 index=$2 until=0
  if awk -F '\t' -v time="$time" '$2 >= time {found = 1} END {exit !found}' "$index"; then return; fi
  if [ -e "$way/complete_until" ]; then until=$(cat "$way/complete_until"); fi
  [ "$until" -ge "$time" ] ||
    die "$EXIT_NOTHING" "the archive is complete only until $(date -u -d "@$until" +%Y-%m-%dT%H:%M:%SZ); take that time, or --to latest for all there is"
}

# The server ends as one whose next transaction follows on stop_gtid.
leave_clean() {
  local data=$1
  scratch_sql --execute="RESET MASTER; SET GLOBAL gtid_slave_pos = '$stop_gtid'"
  scratch_stop
  rm -f -- "$data"/xtrabackup_* "$data"/backup-my.cnf "$data"/*.qp
  sync --file-system -- "$data"
}

# restore_to DATA: base, bridge, replay, checks. The scratch server runs on DATA when it returns.
restore_to() {
  local data=$1 from why
  why=$(files_hold "$base") || die "$EXIT_BAD" "$base: $why; take another: --backup NAME"
  restore_base "$base" "$data" || die "$EXIT_BAD" "$base: $scratch_complaint"
  tables_match "$base" || die "$EXIT_BAD" "$base restores to something else than its manifest tells: $(head -n 4 "$scratch_directory/difference" | tr '\n' ' ')"
  lap "base $base"
  from=$(manifest "$base" .gtid)
  if [ "$(manifest "$base" .kind)" = logical ]; then
    stop_gtid=$from
  elif find_way "$from"; then
    choose_stop "$from"
    replay_to "$from" "$data"
  else
    no_way "$from"
  fi
  why=$(sanity_faults)
  if [ -n "$why" ]; then suspect "$data" "$why"; fi
  lap "checks"
}

replay_to() {
  local from=$1 data=$2
  if [ "$stop_gtid" = "$from" ]; then return; fi
  in_group replay "$from" "$stop_gtid" || { complain "replay" replay.log; die "$EXIT_BAD" "$scratch_complaint"; }
  [ "$(scratch_sql --execute='SELECT @@gtid_binlog_pos')" = "$stop_gtid" ] || die "$EXIT_BAD" "the replay did not end at $stop_gtid"
  scratch_restart "$data" || die "$EXIT_BAD" "$scratch_complaint"
  lap "replay of $(awk -F '\t' -v gtid="$stop_gtid" '{n++} $1 == gtid {exit} END {print n}' "$scratch_directory/way/index") transactions"
}

no_way() {
  local from=$1
  stop_gtid=$from
  if [ "$target_kind" = gtid ] && [ "$target" = "$from" ]; then return; fi
  if [ "$target_kind" != latest ] || [ -d "$(archive_directory)" ]; then
    die "$EXIT_NOTHING" "no archived binary log leads on from $base at GTID $from; --to $from restores the backup alone"
  fi
  say "note: there is no archive; this is the backup alone"
}

# What breaks the application's rules is kept for a person, under a name that nobody takes for a restored database.
suspect() {
  local data=$1 why=$2
  if [ -n "$into" ]; then
    leave_clean "$data"
    mv -T -- "$data" "$into.suspect"
    partial_directory=
    why="$why (it is in $into.suspect)"
  fi
  die "$EXIT_BAD" "restored to $stop_gtid, but $why"
}

lap_started=
lap() {
  local now
  now=$(date +%s%N)
  say "$(awk -v ns=$((now - lap_started)) 'BEGIN {printf "%6.1f s", ns / 1e9}')  $1"
  lap_started=$now
}

prepare_restore() {
  need_tools mariadb mariadbd mariadb-backup mariadb-binlog mariadb-check mariadb-install-db mbstream age zstd jq unshare setpriv
  read_settings identity
  hold "${setting[repository]}/.lock" shared 60
  lap_started=$(date +%s%N)
  choose_base
}

restore() {
  prepare_restore
  [ ! -e "$into" ] || [ -z "$(ls -A -- "$into")" ] || die "$EXIT_USAGE" "$into is not empty; name a directory that is not there yet"
  if [ "$dry_run" = yes ]; then echo "would restore $base and replay to $target_kind $target, into $into"; return; fi
  make_scratch
  partial_directory=$into.partial
  mkdir -m 0700 -- "$partial_directory"
  restore_to "$partial_directory"
  leave_clean "$partial_directory"
  if [ -d "$into" ]; then rmdir -- "$into"; fi
  mv -T -- "$partial_directory" "$into"
  partial_directory=
  lap "written out"
  say "$into is the database at GTID $stop_gtid"
}

# The same way without leaving anything, as often as a timer likes: that it can be gone is known before it must be.
drill() {
  target_kind=latest
  prepare_restore
  if [ "$dry_run" = yes ]; then echo "would restore $base and replay to the last archived transaction, in ${setting[scratch]}"; return; fi
  make_scratch
  restore_to "$scratch_directory/data"
  say "the drill went to GTID $stop_gtid"
  scratch_digests | digests_as_json
  lap "digests"
  scratch_stop
}

# Transactions after the chosen backup: GTID, time, what they do.
events() {
  prepare_restore
  make_scratch
  find_way "$(manifest "$base" .gtid)" || die "$EXIT_NOTHING" "no archived binary log leads on from $base"
  awk -F '\t' -v since="$target" '$2 >= since {print $1 "\t" strftime("%Y-%m-%dT%H:%M:%SZ", $2, 1) "\t" $3}' "$scratch_directory/way/index"
}
