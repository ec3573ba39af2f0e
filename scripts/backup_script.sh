#!/usr/bin/env bash
# Backups of the booking database that are known to restore. docs/backup.md tells the whole.
# usage: backup_script.sh [--config FILE] [--dry-run] COMMAND
#   where the database is (no private key there):
#     full [--from-primary]     physical backup of the replica, copied to the second target
#     logical [--from-primary]  the same as SQL
#     due                       ends with 5 where the other node takes the backups: the units' condition
#   where the private key is:
#     verify [NAME… | --all]    restores what has no verdict yet (or NAME, or all) and says whether it is good
#     drill                     restores the newest good one up to now and verifies it, with times
#     restore …                 = restore.sh
#   on either:
#     archive                   streams the binary logs until it is stopped (a service)
#     copy                      to the second target what is not there yet, verdicts back from it
#     prune                     removes what retention does not keep
#     list [--json]             what there is, and whether it is good
# exit codes: 0 done · 2 usage · 3 settings · 4 another run · 5 database · 6 space · 7 tool · 8 bad backup · 9 nothing to
#   restore from · 10 second target · 143 ended by a signal
set -e
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=backup_parts/all.sh
. "$here/backup_parts/all.sh"

usage() {
  sed -n '2,18s/^# \?//p' "$0" >&2
  exit "$EXIT_USAGE"
}

run_full() { take full && copy_to_target; }
run_logical() { take logical && copy_to_target; }
run_verify() { verify "$@"; }
run_copy() { copy; }
run_prune() { prune; }
run_due() { due; }
run_archive() { archive; }
run_list() {
  need_tools jq
  read_settings
  print_list "$@"
}

# The way back is a program of its own.
hand_over() {
  local words=(--config "$settings_file")
  if [ "$dry_run" = yes ]; then words+=(--dry-run); fi
  if [ "$command_name" = drill ]; then words+=(--drill); fi
  exec "$here/restore.sh" "${words[@]}" "$@"
}

main() {
  while [ $# -gt 0 ]; do
    case $1 in
      --config) [ $# -ge 2 ] || usage; settings_file=$2; shift 2 ;;
      --dry-run) dry_run=yes; shift ;;
      -*) usage ;;
      *) break ;;
    esac
  done
  [ $# -gt 0 ] || usage
  command_name=$1
  shift
  case $command_name in
    full | logical)
      case ${*:-} in "") ;; --from-primary) from_primary=yes ;; *) usage ;; esac ;;
    verify) ;;
    list) case ${*:-} in "" | --json) ;; *) usage ;; esac ;;
    copy | prune | archive | due) [ $# -eq 0 ] || usage ;;
    restore | drill) hand_over "$@" ;;
    *) usage ;;
  esac
  set_traps
  case $command_name in list | due) ;; *) end_hook=write_metrics ;; esac
  "run_$command_name" "$@"
}

main "$@"
