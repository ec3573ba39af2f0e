# shellcheck shell=bash
# A backup is good when a restore of it is what the manifest says, whole, and makes sense to the application.

# Rows, digests, tables: to the letter. Prints the tables that differ.
tables_match() {
  local name=$1 found
  found=$(scratch_digests | digests_as_json) || return 1
  diff <(by_table <<<"$found") <(manifest "$name" .tables | by_table) >"$scratch_directory/difference"
}

by_table() { jq -S -c 'to_entries | sort_by(.key)[]'; }

# A program for each table, as many at a time as there are cores.
server_checks() {
  local tables
  tables=$(scratch_tables) || return 1
  side_by_side 2 mariadb-check --no-defaults --socket="$scratch_directory/socket" --user=root --extended -- \
    <<<"$tables" >"$scratch_directory/check.log" 2>&1 && [ -s "$scratch_directory/check.log" ] &&
    ! grep -vE '\sOK$' "$scratch_directory/check.log"
}

# invariants.sql: each statement gives a sentence and how many rows break it.
invariants_hold() {
  scratch_sql "${setting[database]}" <"$parts/invariants.sql" >"$scratch_directory/invariants" &&
    [ -s "$scratch_directory/invariants" ] && ! grep -vE '\s0$' "$scratch_directory/invariants"
}

# Says what is wrong with the database in the scratch server, or nothing.
scratch_faults() {
  local name=$1
  tables_match "$name" || { echo "differs from the manifest: $(grep '^[<>]' "$scratch_directory/difference" | head -n 4 | tr '\n' ' ')"; return; }
  sanity_faults
}

# The two at the same time.
sanity_faults() {
  local rules
  invariants_hold >/dev/null &
  rules=$!
  server_checks >/dev/null || { echo "mariadb-check: $(grep -vE '\sOK$' "$scratch_directory/check.log" | head -n 3 | tr '\n' ' ')"; return; }
  wait "$rules" || echo "the application's rules are broken: $(grep -vE '\s0$' "$scratch_directory/invariants" | tr '\t\n' ': ')"
}

# Sets `reason`, empty when the backup is good.
examine() {
  local name=$1
  reason=$(files_hold "$name") || return 0
  make_scratch
  if restore_base "$name" "$scratch_directory/data"; then
    reason=$(scratch_faults "$name")
    scratch_stop
  else
    reason=$scratch_complaint
  fi
  rm -rf -- "$scratch_directory"
  scratch_directory=
}

verify_one() {
  local name=$1 started reason=
  if [ "$dry_run" = yes ]; then echo "would restore $name in ${setting[scratch]} and write its verdict"; return; fi
  started=$(date +%s)
  examine "$name"
  if [ -z "$reason" ]; then
    write_verdict "$name" good "" "$(seconds_since "$started")"
    say "$name: good, in $(seconds_since "$started") s"
  else
    write_verdict "$name" bad "$reason" "$(seconds_since "$started")"
    say "$name: BAD: $reason"
    return "$EXIT_BAD"
  fi
}

# verify [NAME…|--all]: without a word those without a verdict.
verify() {
  local names=("$@") name bad=0
  need_tools mariadb mariadbd mariadb-backup mariadb-check mariadb-install-db mbstream age zstd jq unshare setpriv
  read_settings identity
  hold "${setting[repository]}/.lock" exclusive 0
  case ${1:-} in
    --all) mapfile -t names < <(backup_names) ;;
    "") mapfile -t names < <(names_with_verdict unverified; names_with_verdict broken) ;;
  esac
  be_gentle
  for name in "${names[@]}"; do
    [ -e "$(backup_path "$name")/manifest.json" ] || die "$EXIT_USAGE" "there is no backup $name; backup_script.sh list has their names"
    verify_one "$name" || bad=$((bad + 1))
  done
  [ "$bad" -eq 0 ] || die "$EXIT_BAD" "$bad of ${#names[@]} backups are bad; take a new one now: backup_script.sh full"
}
