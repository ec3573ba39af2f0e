# shellcheck shell=bash
# How the programs that are made of these parts run, and all parts. `here` is the program's directory.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 0077
export LC_ALL=C TZ=UTC
readonly parts=$here/backup_parts

# shellcheck source=backup_parts/common.sh
. "$parts/common.sh"
# shellcheck source=backup_parts/settings.sh
. "$parts/settings.sh"
# shellcheck source=backup_parts/server.sh
. "$parts/server.sh"
# shellcheck source=backup_parts/repository.sh
. "$parts/repository.sh"
# shellcheck source=backup_parts/take.sh
. "$parts/take.sh"
# shellcheck source=backup_parts/scratch.sh
. "$parts/scratch.sh"
# shellcheck source=backup_parts/verify.sh
. "$parts/verify.sh"
# shellcheck source=backup_parts/retention.sh
. "$parts/retention.sh"
# shellcheck source=backup_parts/copy.sh
. "$parts/copy.sh"
# shellcheck source=backup_parts/archive.sh
. "$parts/archive.sh"
# shellcheck source=backup_parts/replay.sh
. "$parts/replay.sh"
# shellcheck source=backup_parts/way_back.sh
. "$parts/way_back.sh"
# shellcheck source=backup_parts/metrics.sh
. "$parts/metrics.sh"
