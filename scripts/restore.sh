#!/usr/bin/env bash
# Restores the booking database to any moment since the oldest good backup. docs/backup.md has the runbook.
# usage: restore.sh [--config FILE] [--dry-run] WHAT
#   --to TIME|GTID|latest --into DIRECTORY   all that was committed before that second, or up to that transaction
#   --before GTID --into DIRECTORY           all but that transaction and what came after it
#   --events [--since TIME]                  transactions since TIME (default: an hour ago), as far back as good backups go
#   --drill                                  restores to the last archived transaction, tells times and digests, keeps nothing
#     --backup NAME     begins with this backup instead of the newest good one that fits
#     --identity FILE   the private key, if the settings name none
# TIME is what date -d reads, in UTC ("1 minute ago", "2026-11-23 20:14:00"). DIRECTORY must not be there yet; it becomes
# a data directory. Exit codes as of backup_script.sh.
set -e
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=backup_parts/all.sh
. "$here/backup_parts/all.sh"

usage() {
  sed -n '2,12s/^# \?//p' "$0" >&2
  exit "$EXIT_USAGE"
}

since=

seconds_of() { date -u -d "$1" +%s 2>/dev/null || die "$EXIT_USAGE" "'$1' is no time that date -d reads, no GTID (0-31-1234), and not latest"; }

read_target() {
  target=$1
  if [ "$1" = latest ]; then target_kind=latest
  elif [[ $1 =~ ^[0-9]+-[0-9]+-[0-9]+$ && ! $1 =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]]; then target_kind=gtid  # nor a day
  else
    target=$(seconds_of "$1")
    target_kind='time'
    [ "$target" -le "$(date +%s)" ] || die "$EXIT_USAGE" "$1 is still to come"
  fi
}

main() {
  local what='restore'
  command_name=restore
  while [ $# -gt 0 ]; do
    case $1 in
      --dry-run) dry_run=yes; shift; continue ;;
      --drill) what=drill; command_name=drill; shift; continue ;;
      --events) what=events; command_name=events; shift; continue ;;
    esac
    [ $# -ge 2 ] || usage
    case $1 in
      --config) settings_file=$2 ;;
      --to) read_target "$2" ;;
      --before)
        target=$2 target_kind=before
        [[ $2 =~ ^[0-9]+-[0-9]+-[0-9]+$ ]] || die "$EXIT_USAGE" "--before wants a GTID (0-31-1234); restore.sh --events tells them" ;;
      --into) into=${2%/} ;;
      --since) since=$(seconds_of "$2") ;;
      --backup) named_backup=$2 ;;
      --identity) identity_file=$2 ;;
      *) usage ;;
    esac
    shift 2
  done
  case $what in
    restore) { [ -n "$target_kind" ] && [[ $into == /* ]]; } || usage ;;
    events) target=${since:-$(seconds_of '1 hour ago')} target_kind='since' ;;
  esac
  set_traps
  if [ "$what" = drill ]; then end_hook=write_metrics; fi
  "$what"
}

main "$@"
