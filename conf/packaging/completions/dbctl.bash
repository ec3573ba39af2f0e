# Names of nodes are those of the configuration that is named, or of the usual one.
_dbctl() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} config=/etc/mainstay/dbctl.yaml at options
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [[ ${COMP_WORDS[at]} == --config ]]; then config=${COMP_WORDS[at + 1]}; fi
  done
  COMPREPLY=()
  case $before in
    --config) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --to)
      mapfile -t COMPREPLY < <(compgen -W "$(sed -n 's/^ *- *name: *\([A-Za-z0-9._-]*\).*/\1/p' "$config" 2>/dev/null)" -- "$word")
      return ;;
    --accept-loss-after) return ;;
  esac
  if [[ $word == -* ]]; then
    options='--config --dry-run --json'
    case ${COMP_WORDS[1]} in
      bootstrap | switchover) options+=' --to' ;;
      failover) options+=' --to --accept-loss-after --kill --unfenced' ;;
      rejoin) options+=' --to --reprovision' ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W 'status bootstrap switchover failover rejoin degrade restore-sync verify check help version' -- "$word")
  fi
}
complete -F _dbctl dbctl
