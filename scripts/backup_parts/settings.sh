# shellcheck shell=bash
# The settings: `name = value` lines, # begins a comment. Nothing in the file is executed. All faults are told at once.

declare -A setting=(
  [repository]=''           # where backups are
  [database]=bookd          # the application's
  [defaults_file]=''        # credentials, 0600
  [recipients]=''           # age public keys: who will be able to read the backups
  [identity]=''             # age private key; never where the database is
  [second_target]=''        # directory or [user@]host:/directory
  [ssh_config]=''           # for ssh to the second target: key, user, known hosts
  [metrics_directory]=''    # of node-exporter's textfile collector
  [scratch]=/var/tmp        # where backups are restored to be verified
  [keep_daily]=7 [keep_weekly]=5 [keep_monthly]=12  # verified ones
  [least_free_mib]=1024
  [most_lag_seconds]=60     # a replica further behind is not backed up
)
declare -A setting_line=()
faults=()
identity_file=   # from the command line, stronger than the file's
settings_file=/etc/mainstay/backup.conf

fault() { faults+=("$settings_file:${setting_line[$1]:-1}: $1: $2"); }

read_lines() {
  local text number=0 name value
  while IFS= read -r text || [ -n "$text" ]; do
    number=$((number + 1))
    text=${text%%#*}
    [[ $text =~ [^[:space:]] ]] || continue
    if ! [[ $text =~ ^[[:space:]]*([a-z_]+)[[:space:]]*=[[:space:]]*([^[:space:]]*)[[:space:]]*$ ]]; then
      faults+=("$settings_file:$number: not 'name = value' (a value has no blanks)")
      continue
    fi
    name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
    if ! [[ -v "setting[$name]" ]]; then
      faults+=("$settings_file:$number: $name: unknown; known are $(tr ' ' '\n' <<<"${!setting[*]}" | sort | xargs)")
      continue
    fi
    setting[$name]=$value
    setting_line[$name]=$number
  done <"$settings_file"
}

check_number() {
  local name=$1 least=$2 most=$3 value=${setting[$1]}
  if ! [[ $value =~ ^(0|[1-9][0-9]{0,8})$ ]] || [ "$value" -lt "$least" ] || [ "$value" -gt "$most" ]; then
    fault "$name" "'$value' is not a number from $least to $most"
  fi
}

check_directory() {
  local value=${setting[$1]}
  if [[ $value != /* ]]; then fault "$1" "'$value' is not an absolute path"
  elif ! [ -d "$value" ]; then fault "$1" "$value is not a directory; make it: install -d -m 0700 $value"
  elif ! [ -w "$value" ]; then fault "$1" "$value is not writable for $(id -un); give it to that user"
  fi
}

# A file that opens something is nobody else's to read.
check_secret() {
  local value=${setting[$1]}
  if ! [ -r "$value" ]; then fault "$1" "'$value' cannot be read"
  elif ! [[ $(stat -L -c %a -- "$value") =~ ^[46]00$ ]]; then fault "$1" "others may read $value; mend it: chmod 0600 $value"
  fi
}

check_recipients() {
  local value=${setting[recipients]}
  if ! [ -r "$value" ]; then
    fault recipients "'$value' cannot be read; make a key where the database is not: age-keygen -o key; its public line comes here"
  elif grep -q 'AGE-SECRET-KEY' -- "$value"; then
    fault recipients "$value holds a private key; only lines that begin with age1 belong here"
  elif ! grep -qE '^(age1|ssh-)' -- "$value"; then
    fault recipients "$value names no key (a line that begins with age1)"
  fi
}

check_target() {
  local value=${setting[second_target]}
  [ -z "$value" ] || [[ $value =~ ^([A-Za-z0-9._@-]+:)?/ ]] ||
    fault second_target "'$value' is neither an absolute path nor [user@]host:/path"
}

# read_settings NEEDED…: of database, recipients, identity, no-identity; the repository is always needed.
read_settings() {
  [ -r "$settings_file" ] || die "$EXIT_SETTINGS" "$settings_file cannot be read; conf/backup.conf is an example (--config FILE names another)"
  read_lines
  setting[identity]=${identity_file:-${setting[identity]}}
  local need
  for need in repository "$@"; do
    case $need in
      repository) check_directory repository ;;
      database) check_secret defaults_file ;;
      recipients) check_recipients ;;
      identity) check_secret identity; check_directory scratch ;;
      no-identity)
        [ -z "${setting[identity]}" ] ||
          fault identity "the private key must not be where the database is; take this line out and verify on another machine" ;;
    esac
  done
  if [ -n "${setting[metrics_directory]}" ]; then check_directory metrics_directory; fi
  if ! [[ ${setting[database]} =~ ^[A-Za-z0-9_]{1,64}$ ]]; then fault database "'${setting[database]}' is not the name of a database"; fi
  check_target
  if [ -n "${setting[ssh_config]}" ] && ! [ -r "${setting[ssh_config]}" ]; then fault ssh_config "'${setting[ssh_config]}' cannot be read"; fi
  check_number keep_daily 1 3650
  check_number keep_weekly 0 520
  check_number keep_monthly 0 120
  check_number least_free_mib 0 1048576
  check_number most_lag_seconds 1 86400
  [ ${#faults[@]} -eq 0 ] || { printf '%s\n' "${faults[@]}" >&2; exit "$EXIT_SETTINGS"; }
}
