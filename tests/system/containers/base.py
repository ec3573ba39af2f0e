"""The image that ours are built on, as a tar: Debian's least system, as debian:12-slim is it, and a repository of the packages that
the Dockerfiles install. So nothing is fetched while images are built. Made once and kept beside the fleet's (build/fleet-cache)."""
import pathlib

from fleet_lab import image

# What conf/images/Dockerfile and the stand-ins beside this file install, and what our packages need.
INSTALLED = ("ca-certificates", "curl", "wget", "mariadb-server", "mariadb-client", "syslog-ng-core", "syslog-ng-mod-http",
             "age", "zstd", "jq", "rsync", "systemd-standalone-sysusers", "systemd-standalone-tmpfiles", "iproute2", "libnftables1",
             "prometheus", "prometheus-alertmanager", "prometheus-node-exporter", "prometheus-mysqld-exporter",
             "prometheus-blackbox-exporter", "mariadb-backup", *image.LINKED)
REPOSITORY = "/srv/packages"
# No daemon starts while it is installed, and no waiting for disks: as in the distribution's images.
SETTLE = f"""
mkdir "$1"{REPOSITORY}
mv "$1"/var/cache/apt/archives/*.deb "$1"{REPOSITORY}/
cd "$1"{REPOSITORY}
dpkg-scanpackages --multiversion . >Packages
rm -f "$1"/etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:{REPOSITORY} ./' >"$1"/etc/apt/sources.list
echo 'Acquire::Languages "none";' >"$1"/etc/apt/apt.conf.d/90-here
echo force-unsafe-io >"$1"/etc/dpkg/dpkg.cfg.d/90-here
printf '#!/bin/sh\\nexit 101\\n' >"$1"/usr/sbin/policy-rc.d
chmod 0755 "$1"/usr/sbin/policy-rc.d
"""


def ready() -> pathlib.Path:
    """The tar. Nobody may write there."""
    return image.kept(" ".join(("containers", image.SUITE, *INSTALLED, SETTLE)), make) / "base.tar"


def make(folder: pathlib.Path) -> None:
    image.bootstrap(folder / "base.tar", image.download(*INSTALLED), f"--customize-hook={SETTLE}")
