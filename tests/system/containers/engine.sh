#!/bin/sh
# Docker's engine in a network namespace that is there already, with mounts and processes of its own: whoever kills its first
# process has ended all containers, and what it mounted is gone: so are its images, which are in memory, for to remove the nine
# thousand files of the base alone from a disk took 25 s. What it made in the tree of control groups is removed here, outside of that
# namespace, however it ended.
# usage: engine.sh GROUP NAMESPACE SETTINGS DATA    (SETTINGS: a daemon.json, whose cgroup-parent is /GROUP and data-root DATA)
set -u
group=$1 namespace=$2 settings=$3 data=$4

# tini is the first process there and reaps what the engine's helpers leave behind.
# shellcheck disable=SC2016
nsenter --net="$namespace" -- unshare --mount --propagation private --pid --fork --kill-child --mount-proc -- \
  sh -c 'mount -t tmpfs -o size=4g,mode=0711 engine "$2" && exec tini -- dockerd --config-file "$1"' sh "$settings" "$data" </dev/null
status=$?
for _ in 1 2 3 4 5; do
  left=
  for tree in /sys/fs/cgroup/"$group" /sys/fs/cgroup/*/"$group"; do
    if [ -d "$tree" ]; then find "$tree" -depth -type d -exec rmdir {} + 2>/dev/null || left=yes; fi
  done
  [ -n "$left" ] || break
  sleep 1  # A group is empty some time after its last process.
done
exit $status
