# shellcheck shell=bash
# Which backups stay: of the good ones, the newest of each of the last days, weeks and months; the newest good one of
# each kind always. What is not known to be good counts for nothing and goes when a newer good one of its kind is there,
# after three days for somebody to look at it.

readonly DAYS_TO_LOOK=3

backup_time() { local stamp=${1#*-}; printf '%s-%s-%s %s:%s:%sZ' "${stamp:0:4}" "${stamp:4:2}" "${stamp:6:2}" "${stamp:9:2}" "${stamp:11:2}" "${stamp:13:2}"; }

# newest_of_each FORMAT COUNT <names newest first: the newest of each of the last COUNT periods that have one.
newest_of_each() {
  local format=$1 count=$2 name period seen=
  while [ "$count" -gt 0 ] && IFS= read -r name; do
    period=$(date -u -d "$(backup_time "$name")" "+$format")
    if [ "$period" != "$seen" ]; then
      printf '%s\n' "$name"
      seen=$period
      count=$((count - 1))
    fi
  done
}

# kept KIND: the good ones that stay.
kept() {
  local good
  good=$(names_with_verdict good "$1" | tac)
  [ -n "$good" ] || return 0
  {
    head -n 1 <<<"$good"
    newest_of_each %Y-%m-%d "${setting[keep_daily]}" <<<"$good"
    newest_of_each %G-%V "${setting[keep_weekly]}" <<<"$good"
    newest_of_each %Y-%m "${setting[keep_monthly]}" <<<"$good"
  } | sort -u
}

prune_kind() {
  local kind=$1 stay newest name verdict age
  stay=$(kept "$kind")
  if [ -z "$stay" ]; then
    say "note: no $kind backup is known to be good; nothing of that kind is removed"
    return
  fi
  newest=$(tail -n 1 <<<"$stay")
  while IFS= read -r name; do
    if grep -qxF -- "$name" <<<"$stay"; then continue; fi
    verdict=$(verdict_of "$name")
    age=$((($(date +%s) - $(date -d "$(backup_time "$name")" +%s)) / 86400))
    if [ "$verdict" != good ] && { [[ ! $name < $newest ]] || [ "$age" -lt "$DAYS_TO_LOOK" ]; }; then continue; fi
    say "removes $name ($verdict)"
    remove_backup "$name"
  done < <(backup_names "$kind")
}

# The name goes first, so that a killed removal leaves no half of a backup under a backup's name.
remove_backup() {
  local path gone=${setting[repository]}/.partial-removed-$1
  path=$(backup_path "$1")
  act mv -T -- "$path" "$gone"
  act rm -rf -- "$gone"
}

prune() {
  need_tools jq
  read_settings
  hold "${setting[repository]}/.lock" exclusive 0
  remove_partials
  prune_kind full
  prune_kind logical
  prune_archive
}
