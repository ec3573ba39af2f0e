#!/bin/sh
# One machine of the fleet lab: boots a system whose disk is an overlay, in a network namespace that is there already. What it
# mounts is seen by nobody else, and what it made in the tree of control groups is gone when it ends, however it ended.
# usage: boot.sh NAME GROUP NAMESPACE BASE DIRECTORY    (DIRECTORY: upper, work, root; `disk` in it is a file system for /srv)
set -u
name=$1 group=$2 namespace=$3 base=$4 directory=$5

if [ -z "${FLEET_LAB_MOUNTS:-}" ]; then
  FLEET_LAB_MOUNTS=own exec unshare --mount --propagation private -- "$0" "$@"
fi

enter() {
  for tree in systemd unified; do
    [ -d "/sys/fs/cgroup/$tree" ] || continue
    mkdir -p "/sys/fs/cgroup/$tree/$group"
    echo 0 >"/sys/fs/cgroup/$tree/$group/cgroup.procs"
  done
}
leave() {
  for tree in systemd unified; do
    if [ -d "/sys/fs/cgroup/$tree/$group" ]; then find "/sys/fs/cgroup/$tree/$group" -depth -type d -exec rmdir {} +; fi
  done
}

mount -t overlay overlay -o "lowerdir=$base,upperdir=$directory/upper,workdir=$directory/work" "$directory/root" || exit 1
bind=
if [ -f "$directory/disk" ]; then
  mount -o loop "$directory/disk" "$directory/srv" || exit 1
  bind="--bind=$directory/srv:/srv"
fi
# Landlock and seccomp are what our daemons lock themselves in with. The clock is asked how it goes; to set it takes a capability
# that is not given.
(
  enter
  # shellcheck disable=SC2086
  exec systemd-nspawn --quiet --register=no --keep-unit --directory="$directory/root" --machine="$name" --hostname="$name" \
    --network-namespace-path="$namespace" --capability=CAP_NET_ADMIN,CAP_NET_RAW --resolv-conf=off --timezone=off \
    --link-journal=no --console=pipe --system-call-filter="@sandbox @keyring @clock" $bind --boot
) </dev/null
status=$?
leave
exit $status
