# shellcheck shell=bash
# The repository: a directory for each backup, whole from the moment it has its name.
#   full-20261123T201500Z/    a physical backup; logical-…: SQL
#     data.zst.age            what mariadb-backup or mariadb-dump gave
#     bridge.zst.age          what was written between that and the manifest's snapshot, as SQL
#     manifest.json           what is in it; manifest.json.sha256 seals it
#     verdict.json            what a restore of it said; sealed as well. Without one it is not known to be good.
#   .partial-…                a run that goes on, or was killed: the next one removes it
#   archive/                  binary logs, see archive.sh

backup_path() { printf '%s/%s\n' "${setting[repository]}" "$1"; }

# Names of all backups, oldest first; $1 limits them to a kind.
backup_names() {
  find "${setting[repository]}" -mindepth 1 -maxdepth 1 -type d -name "${1:-*}-????????T??????Z" -printf '%f\n' |
    grep -E '^(full|logical)-' | sort -t - -k 2 || true
}

manifest() { jq -r "$2" -- "$(backup_path "$1")/manifest.json"; }

# good, bad, unverified, or broken: what the verdict says, if it holds and speaks of this very manifest.
verdict_of() {
  local path
  path=$(backup_path "$1")
  if ! seal_holds "$path/manifest.json" || [ "$(manifest "$1" .name)" != "$1" ]; then echo broken; return; fi
  if ! [ -e "$path/verdict.json" ]; then echo unverified; return; fi
  if ! seal_holds "$path/verdict.json"; then echo broken; return; fi
  jq -r --arg sum "$(sha256_of "$path/manifest.json")" \
    'if .manifest_sha256 == $sum then .verdict else "broken" end' -- "$path/verdict.json"
}

write_verdict() {
  local name=$1 verdict=$2 reason=$3 seconds=$4 path
  path=$(backup_path "$name")
  jq -n --arg verdict "$verdict" --arg reason "$reason" --arg at "$(now_utc)" --argjson seconds "$seconds" \
    --arg sum "$(sha256_of "$path/manifest.json")" --arg server "$(mariadbd --no-defaults --version)" \
    '{verdict: $verdict, reason: $reason, verified: $at, seconds: $seconds, server: $server, manifest_sha256: $sum}' |
    put_sealed "$path/verdict.json"
}

# Names of backups whose verdict is $1, oldest first; $2 limits them to a kind.
names_with_verdict() {
  local name
  while IFS= read -r name; do
    if [ "$(verdict_of "$name")" = "$1" ]; then printf '%s\n' "$name"; fi
  done < <(backup_names "${2:-}")
}

# Every file of the backup is there, as long and with the sum that the manifest tells. Prints what is not.
files_hold() {
  local path file bytes sum
  path=$(backup_path "$1")
  if ! seal_holds "$path/manifest.json"; then echo "manifest.json does not match its seal"; return 1; fi
  while IFS=$'\t' read -r file bytes sum; do
    if ! [ -f "$path/$file" ]; then echo "$file is missing"; return 1; fi
    if [ "$(file_bytes "$path/$file")" != "$bytes" ]; then echo "$file is not $bytes octets long"; return 1; fi
    if [ "$(sha256_of "$path/$file")" != "$sum" ]; then echo "$file does not have the sum of the manifest"; return 1; fi
  done < <(manifest "$1" '.files | to_entries[] | [.key, .value.bytes, .value.sha256] | @tsv')
}

remove_partials() {
  local left
  while IFS= read -r left; do
    say "note: removes what a killed run left: $left"
    act rm -rf -- "$left"
  done < <(find "${setting[repository]}" -mindepth 1 -maxdepth 1 -name '.partial-*')
}

list_backups() {
  local name rows=()
  while IFS= read -r name; do
    local verdict
    verdict=$(verdict_of "$name")
    if [ "$verdict" = broken ]; then
      rows+=("$(jq -n --arg name "$name" '{name: $name, verdict: "broken"}')")
      continue
    fi
    rows+=("$(jq --arg verdict "$verdict" '{name, kind, verdict: $verdict, as_of, gtid, seconds,
      bytes: ([.files[].bytes] | add), rows: ([.tables[].rows] | add)}' -- "$(backup_path "$name")/manifest.json")")
  done < <(backup_names)
  printf '%s\n' "${rows[@]}" | jq -s .
}

print_list() {
  if [ "${1:-}" = --json ]; then list_backups; return; fi
  list_backups | jq -r '(["NAME", "VERDICT", "AS OF", "GTID", "MIB", "ROWS"],
    (.[] | [.name, .verdict, .as_of // "-", .gtid // "-", (.bytes // 0 | . / 1048576 * 10 | floor / 10), .rows // "-"]))
    | @tsv' | in_columns
}

# Tab-separated cells one below the other: column(1) is not everywhere.
in_columns() {
  awk -F '\t' '
    { for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } last = NF }
    END {
      for (row = 1; row <= NR; row++) {
        for (i = 1; i < last; i++) printf "%-" width[i] + 2 "s", cell[row, i]
        print cell[row, last]
      }
    }'
}
