# shellcheck shell=bash
# The archive of binary logs, streamed as they are written: what lies between the last backup and a minute ago.
#   archive/32-20261123T201500Z/   a lineage: the logs of the server with this id, from when we first saw this history
#     live-…/binlog.000012         as it comes in, in clear; one such directory for each start of the service
#     binlog.000011.zst.age        a log that the server has closed, and
#     binlog.000011.json           its facts, sealed: GTID before and after, sum. The log in clear is gone then.
#     complete_until               when we last had everything the server had, in seconds since 1970
# A server that was built anew begins its numbers again: its logs must not replace those of the same name.

readonly LOOK_SECONDS=1           # between two looks at what came in
readonly ASK_EVERY=5              # looks, between two questions to the server how far it is
readonly STALLED_SECONDS=30       # behind and nothing new: the link is dead, whatever TCP says
readonly ARCHIVE_SERVER_ID=4294967294  # what the server takes us for

archive_directory() { printf '%s/archive\n' "${setting[repository]}"; }

# gtid_facts <decoded log: GTID list before it, a tab, the one after it.
gtid_facts() {
  awk '
    function note(list, state,   i, n, part, field) {
      n = split(list, part, ",")
      for (i = 1; i <= n; i++) { split(part[i], field, "-"); if (part[i] != "") state[field[1]] = part[i] }
    }
    function show(state,   d, text) { for (d in state) text = text (text == "" ? "" : ",") state[d]; return text }
    in_list || (/\tGtid list \[/ && !seen) {
      line = $0; sub(/.*Gtid list \[/, "", line); gsub(/[# \n]/, "", line)
      in_list = line !~ /\]/; sub(/\].*/, "", line); list = list line; seen = 1
      if (!in_list) { note(list, before); note(list, after) }
      next
    }
    match($0, /\tGTID [0-9]+-[0-9]+-[0-9]+/) { note(substr($0, RSTART + 6, RLENGTH - 6), after) }
    END { print show(before) "\t" show(after) }'
}

# close_log LINEAGE FILE: encrypts a log the server has closed, once it was read through with all its checksums.
close_log() {
  local lineage=$1 file=$2 name facts sum
  name=$(basename -- "$file")
  if [ -e "$lineage/$name.json" ]; then rm -- "$file"; return; fi  # killed between the two, last time
  facts=$(mariadb-binlog --no-defaults --verify-binlog-checksum -- "$file" | gtid_facts) ||
    die "$EXIT_BAD" "$file does not read through; move it away and start again, and it is fetched anew"
  sum=$(encrypt_to "$lineage/$name.new" <"$file") || die_writing "$lineage" "$name could not be encrypted"
  sync -- "$lineage/$name.new"
  mv -- "$lineage/$name.new" "$lineage/$name.zst.age"
  jq -n --arg file "$name" --arg before "${facts%%$'\t'*}" --arg after "${facts##*$'\t'}" --arg sum "$sum" \
    --argjson bytes "$(file_bytes "$lineage/$name.zst.age")" --argjson plain "$(file_bytes "$file")" \
    '{file: $file, gtid_before: $before, gtid_after: $after, bytes: $bytes, plain_bytes: $plain, sha256: $sum}' |
    put_sealed "$lineage/$name.json"
  rm -- "$file"
}

# All logs of a live directory but the newest are closed.
close_logs() {
  local lineage=$1 live=$2 file files
  mapfile -t files < <(find "$live" -type f | sort | head -n -1)
  for file in "${files[@]}"; do close_log "$lineage" "$file"; done
}

newest_lineage() { find "$(archive_directory)" -mindepth 1 -maxdepth 1 -type d -name "$1-*" | sort | tail -n 1; }

# The longest copy of the newest log in clear: a start that was cut short may have left a shorter one.
newest_live_log() { find "$1" -path '*/live-*/*' -type f -printf '%f\t%s\t%p\n' | sort -t $'\t' -k 1,1 -k 2,2n | tail -n 1 | cut -f 3; }

# The log to go on with in this lineage: the last one, if the server still has it and it is not shorter there.
log_to_go_on_with() {
  local lineage=$1 last size
  if [ -z "$lineage" ] || [ -e "$lineage/ended" ]; then return; fi
  last=$(newest_live_log "$lineage")
  [ -n "$last" ] || return 0
  size=$(sql --execute='SHOW BINARY LOGS' | awk -v name="$(basename -- "$last")" '$1 == name {print $2}')
  if [ -n "$size" ] && [ "$(file_bytes "$last")" -le "$size" ]; then printf '%s\n' "$last"; fi
}

# The first octets of a log hold when it was begun; a server that was built anew has others.
same_beginning() { cmp -s -n "$(file_bytes "$1")" -- "$1" "$2"; }

new_lineage() {
  local lineage
  lineage=$(archive_directory)/$1-$(date -u +%Y%m%dT%H%M%SZ)
  mkdir -p -- "$lineage"
  say "a history not seen before: $lineage begins"
  printf '%s\n' "$lineage"
}

archive() {
  local server lineage last first live
  need_tools mariadb mariadb-binlog age zstd jq
  read_settings database recipients
  mkdir -p -- "$(archive_directory)"
  hold "$(archive_directory)/.lock" exclusive 0
  server_must_answer
  server=$(sql --execute='SELECT @@server_id')
  lineage=$(newest_lineage "$server")
  last=$(log_to_go_on_with "$lineage")
  if [ "$dry_run" = yes ]; then echo "would stream from ${last:-the oldest log} of server $server"; return; fi
  if [ -z "$last" ]; then
    lineage=$(new_lineage "$server")
    first=$(sql --execute='SHOW BINARY LOGS' | sed -n 1p | cut -f 1)
  else
    first=$(basename -- "$last")
  fi
  live=$lineage/live-$(date -u +%Y%m%dT%H%M%SZ)-$$
  mkdir -- "$live"
  stream_logs "$live" "$first"
  follow_stream "$lineage" "$live" "$last"
}

# Lets the stream run in a group of its own, which ends with us.
stream_logs() {
  set -m
  mariadb-binlog --defaults-file="${setting[defaults_file]}" --read-from-remote-server --raw --stop-never \
    --stop-never-slave-server-id="$ARCHIVE_SERVER_ID" --result-file="$1/" "$2" >"$lineage/stream.log" 2>&1 9>&- &
  job=$!
  set +m
}

follow_stream() {
  local lineage=$1 live=$2 last=$3 looks=0
  stalled_since=$SECONDS
  have_before=
  runs_well=no
  while kill -0 "$job" 2>/dev/null; do
    if [ -n "$last" ] && settle "$lineage" "$live" "$last"; then last=; fi
    if [ -z "$last" ]; then close_logs "$lineage" "$live"; fi
    if ((looks++ % ASK_EVERY == 0)); then ask_how_far "$lineage" "$live"; fi
    sleep "$LOOK_SECONDS" 9>&-  # a service: between two looks
  done
  die "$EXIT_SERVER" "the stream of binary logs ended: $(tail -n 2 "$lineage/stream.log" | tr '\n' ' '); start again, it goes on where it was"
}

# The copy of an earlier start goes when the new one has all of it; another history ends this run, and the next begins
# a lineage of its own.
settle() {
  local lineage=$1 live=$2 last=$3 again old
  again=$live/$(basename -- "$last")
  if ! [ -f "$again" ] || [ "$(file_bytes "$again")" -lt "$(file_bytes "$last")" ]; then return 1; fi
  if ! same_beginning "$last" "$again"; then
    rm -rf -- "$live"
    touch -- "$lineage/ended"
    die "$EXIT_SERVER" "the server's $(basename -- "$last") is not what was archived under this name; its history begins anew, start again"
  fi
  sync -- "$again"
  for old in "$lineage"/live-*; do
    if [ "$old" = "$live" ]; then continue; fi
    close_logs "$lineage" "$old"
    rm -rf -- "$old"
  done
}

# How far the server is and how far we are: complete, behind, or stalled.
ask_how_far() {
  local lineage=$1 live=$2 file position now have
  now=$(date +%s)
  IFS=$'\t' read -r file position _ < <(sql --execute='SHOW MASTER STATUS') ||
    die "$EXIT_SERVER" "the server does not answer any more"
  have=$(find "$live" -type f -printf '%f %s\n' | sort | tail -n 1)
  if [[ "${have% *}" > "$file" ]] || { [ "${have% *}" = "$file" ] && [ "${have#* }" -ge "$position" ]; }; then
    printf '%s\n' "$now" >"$lineage/complete_until.new"
    mv -- "$lineage/complete_until.new" "$lineage/complete_until"
    if [ "$runs_well" = no ]; then write_metrics 0 || true; fi  # how an earlier run ended is over
    runs_well=yes
    stalled_since=$SECONDS
  elif [ "$have" != "$have_before" ]; then
    stalled_since=$SECONDS
  elif [ $((SECONDS - stalled_since)) -gt "$STALLED_SECONDS" ]; then
    die "$EXIT_SERVER" "behind at '$have', the server is at '$file $position', and nothing came for $STALLED_SECONDS s"
  fi
  have_before=$have
  archive_metrics "$lineage"
}

# Logs that are wholly before the oldest good full backup lead nowhere.
prune_archive() {
  local oldest gtid facts
  oldest=$(names_with_verdict good full | sed -n 1p)
  if [ -z "$oldest" ] || ! [ -d "$(archive_directory)" ]; then return; fi
  gtid=$(manifest "$oldest" .gtid)
  while IFS= read -r facts; do
    if seal_holds "$facts" && gtid_covers "$gtid" "$(jq -r .gtid_after -- "$facts")"; then
      say "removes ${facts%.json}: everything in it is in $oldest"
      # The facts last: a log without them would be taken for one that was never closed.
      act rm -f -- "${facts%.json}.zst.age" "$facts.sha256" "$facts"
    fi
  done < <(find "$(archive_directory)" -mindepth 2 -maxdepth 2 -name '*.json' | sort)
}
