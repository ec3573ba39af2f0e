# shellcheck shell=bash
# From a backup's GTID to the wanted one: which archived logs lead there, and what is in them.

# Logs of a lineage in their order: name, path, GTID before it; sealed ones first, of several copies in clear the longest.
lineage_logs() {
  local lineage=$1 facts live name
  {
    while IFS= read -r facts; do
      seal_holds "$facts" || die "$EXIT_BAD" "$facts does not match its seal; if another lineage leads there as well, move ${lineage##*/} away"
      jq -r --arg path "${facts%.json}.zst.age" '[.file, $path, .gtid_before] | @tsv' -- "$facts"
    done < <(find "$lineage" -maxdepth 1 -name '*.json' | sort)
    while IFS=$'\t' read -r name _ live; do
      if [ -e "$lineage/$name.json" ]; then continue; fi
      printf '%s\t%s\t%s\n' "$name" "$live" "$(begins_after "$live")"
    done < <(find "$lineage" -path '*/live-*/*' -type f -printf '%f\t%s\t%p\n' | sort -t $'\t' -k 1,1 -k 2,2nr | awk -F '\t' '!seen[$1]++')
  } | sort
}

# The GTID list at the head of a log in clear. The reader is cut off after it.
begins_after() { { mariadb-binlog --no-defaults -- "$1" 2>/dev/null || true; } | head -n 200 | gtid_facts | cut -f 1; }

# logs_from LINEAGE GTID: paths from the last log that begins at or before GTID, as far as their numbers have no gap.
# Nothing, if the lineage begins after it.
logs_from() {
  local gtid=$2 list name path before number previous='' chosen=()
  list=$(lineage_logs "$1") || exit "$EXIT_BAD"
  while IFS=$'\t' read -r name path before; do
    [ -n "$name" ] || continue
    number=$((10#${name##*.}))
    if [ -n "$previous" ] && [ "$number" -ne $((previous + 1)) ]; then
      if [ ${#chosen[@]} -gt 0 ] && ! gtid_covers "$gtid" "$before"; then break; fi
      chosen=()
    fi
    previous=$number
    if gtid_covers "$gtid" "$before"; then chosen=("$path"); elif [ ${#chosen[@]} -gt 0 ]; then chosen+=("$path"); fi
  done <<<"$list"
  if [ ${#chosen[@]} -gt 0 ]; then printf '%s\n' "${chosen[@]}"; fi
}

# fetch_logs DIRECTORY <paths: the logs in clear, in order. A last one that is still written may end within an event.
fetch_logs() {
  local directory=$1 path name
  mkdir -p -- "$directory"
  while IFS= read -r path; do
    name=$(basename -- "$path" .zst.age)
    if [[ $path == *.zst.age ]]; then
      [ "$(sha256_of "$path")" = "$(jq -r .sha256 -- "${path%.zst.age}.json")" ] || die "$EXIT_BAD" "$path does not have the sum it was archived with"
      decrypt "$path" >"$directory/$name" || die_writing "$directory" "$path does not decrypt"
    else
      cp -- "$path" "$directory/$name"
      cut_tail "$directory/$name"
    fi
  done
}

cut_tail() {
  local end
  if mariadb-binlog --no-defaults --verify-binlog-checksum -- "$1" >/dev/null 2>"$scratch_directory/tail.log"; then return; fi
  end=$(sed -n 's/.*Could not read entry at offset \([0-9]*\):.*/\1/p' "$scratch_directory/tail.log" | sed -n 1p)
  [ -n "$end" ] || die "$EXIT_BAD" "$1 does not read: $(tail -n 1 "$scratch_directory/tail.log")"
  say "note: the last log ends within an event, at $end of $(file_bytes "$1") octets; what is before it is used"
  truncate --size="$end" -- "$1"
}

# index_logs FILES…: for each transaction GTID, seconds since 1970, and what it does: its statement, or the tables of its rows.
index_logs() {
  mariadb-binlog --no-defaults --verify-binlog-checksum --base64-output=decode-rows -- "$@" | awk '
    function flush() { if (gtid != "") print gtid "\t" time "\t" what; gtid = ""; what = ""; statement = 0 }
    match($0, /\tGTID [0-9]+-[0-9]+-[0-9]+/) {
      flush()
      gtid = substr($0, RSTART + 6, RLENGTH - 6)
      clock = $2; split(clock, c, ":")
      time = mktime("20" substr($1, 2, 2) " " substr($1, 4, 2) " " substr($1, 6, 2) " " c[1] " " c[2] " " c[3])
      next
    }
    /\tTable_map: / { table = $0; sub(/.*Table_map: /, "", table); sub(/ mapped.*/, "", table); gsub(/`/, "", table)
                      if (index(what, table) == 0) what = what (what == "" ? "rows of " : ", ") table; next }
    /\tQuery\t/ { statement = 1; next }
    /^(#|SET |\/\*|BEGIN|COMMIT|START|use |DELIMITER|ROLLBACK)/ { next }
    statement && what == "" && $0 != "" { what = substr($0, 1, 120) }
    END { flush() }'
}

# Lines of an index that stand after GTID, given all that stands in it.
after_gtid() { awk -F '\t' -v gtid="$1" 'found {print} $1 == gtid {found = 1}'; }

# find_way GTID: fetches the logs of the lineage that leads furthest from GTID, into $scratch_directory/logs, and their
# index into $scratch_directory/index (only what comes after GTID). Sets `way`, the lineage.
find_way() {
  local gtid=$1 lineage reach most=-1
  way=
  while IFS= read -r lineage; do
    rm -rf -- "$scratch_directory/try"
    if ! try_lineage "$lineage" "$gtid"; then continue; fi
    reach=$(wc -l <"$scratch_directory/try/index")
    if [ "$reach" -gt "$most" ]; then
      most=$reach
      way=$lineage
      rm -rf -- "$scratch_directory/way"
      mv -- "$scratch_directory/try" "$scratch_directory/way"
    fi
  done < <(find "$(archive_directory)" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort)
  [ -n "$way" ]
}

# The GTID itself must stand in the logs, or be where one of them begins: the same number in another history is not it.
try_lineage() {
  local lineage=$1 gtid=$2 files
  mkdir -- "$scratch_directory/try"
  logs_from "$lineage" "$gtid" >"$scratch_directory/try/paths"
  [ -s "$scratch_directory/try/paths" ] || return 1
  fetch_logs "$scratch_directory/try/logs" <"$scratch_directory/try/paths"
  mapfile -t files < <(find "$scratch_directory/try/logs" -type f | sort)
  index_logs "${files[@]}" >"$scratch_directory/try/all"
  if [ "$(begins_after "${files[0]}")" = "$gtid" ]; then
    cp -- "$scratch_directory/try/all" "$scratch_directory/try/index"
  else
    grep -qP "^\Q$gtid\E\t" "$scratch_directory/try/all" || return 1
    after_gtid "$gtid" <"$scratch_directory/try/all" >"$scratch_directory/try/index"
  fi
}

# replay FROM TO: of the logs that find_way has fetched, into the scratch server.
replay() {
  local files
  mapfile -t files < <(find "$scratch_directory/way/logs" -type f | sort)
  mariadb-binlog --no-defaults --start-position="$1" --stop-position="$2" -- "${files[@]}" 2>>"$scratch_directory/replay.log" | replay_into_scratch
}
