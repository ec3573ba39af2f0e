# shellcheck shell=bash
# The second target: whole backups go there, verdicts come from there, for it is there that the private key is. Nothing
# that is there is changed or removed; retention over there is that machine's own.

readonly TARGET_SECONDS=60  # without a word from the other side

target_rsync() {
  act rsync --archive --fsync --timeout="$TARGET_SECONDS" \
    --rsh="ssh -o BatchMode=yes -o ConnectTimeout=10${setting[ssh_config]:+ -F ${setting[ssh_config]}}" "$@"
}

copy_out() {
  local target=${setting[second_target]} name
  while IFS= read -r name; do
    # The manifest last: over there a directory without one is not a backup yet.
    target_rsync --ignore-existing --exclude='verdict.json*' --exclude='manifest.json*' -- "$(backup_path "$name")" "$target/" &&
      target_rsync --ignore-existing --include="manifest.json*" --exclude='*' -- "$(backup_path "$name")/" "$target/$name/" || return 1
  done < <(backup_names)
}

# Only for backups that are still here.
fetch_verdicts() {
  local target=${setting[second_target]} name
  while IFS= read -r name; do
    target_rsync --include='verdict.json' --include='verdict.json.sha256' --exclude='*' -- "$target/$name/" "$(backup_path "$name")/" || return 1
  done < <(backup_names)
}

copy_to_target() {
  if [ -z "${setting[second_target]}" ]; then
    say "note: second_target is not set: a fire that takes this machine takes the backups"
    return
  fi
  { copy_out && fetch_verdicts; } ||
    die "$EXIT_TARGET" "${setting[second_target]} was not reached or is full; the backups here are whole, 'backup_script.sh copy' tries again"
}

copy() {
  need_tools rsync
  read_settings
  hold "${setting[repository]}/.lock" exclusive 0
  copy_to_target
}
