"""What an empty machine has on its disk, and the packages that it may fetch: both made once and kept in build/fleet-cache."""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

CACHE = pathlib.Path(__file__).resolve().parents[2] / "build/fleet-cache"
SUITE = "bookworm"
OPERATOR = "mainstay"  # of conf/inventory/fleet.yaml
OPERATOR_NUMBER = 1000
MAKE_SECONDS = 900

# An image of a cloud has as much: a system, a way in, what Ansible speaks to, and what fetches packages by itself.
EMPTY = ("systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "python3", "python3-apt", "iproute2", "netbase",
         "libpam-systemd", "ca-certificates", "curl", "openssl", "tzdata", "unattended-upgrades")
# What the playbook installs from the distribution. A machine without a way out cannot fetch what is missing here, and the
# playbook says so.
OFFERED = ("chrony", "ufw", "tinyproxy", "mariadb-server", "mariadb-client", "mariadb-backup", "age", "zstd", "jq", "rsync",
           "libnftables1", "prometheus", "prometheus-alertmanager", "prometheus-node-exporter", "prometheus-mysqld-exporter",
           "prometheus-blackbox-exporter", "stunnel4", "syslog-ng-core", "syslog-ng-mod-http", "nginx-light")
# What our programs are linked with; dpkg-shlibdeps wrote it into their packages.
LINKED = ("libbrotli1", "libc-ares2", "libcurl4", "libmariadb3", "libmnl0", "libqrencode4", "libseccomp2", "libsodium23",
          "libsqlite3-0", "libssl3")


class ImageError(RuntimeError):
    """The image cannot be made."""


def ready() -> pathlib.Path:
    """A folder with `root`, the disk of an empty machine, and `packages`, a flat repository of apt. Nobody may write there."""
    return kept(" ".join((SUITE, *EMPTY, "|", *OFFERED, *LINKED)), make)


def kept(words: str, fill) -> pathlib.Path:
    """A folder of the cache: what `fill(folder)` puts there, once for these `words`."""
    finished = CACHE / hashlib.sha256(words.encode()).hexdigest()[:12]
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.is_dir():
            scratch = finished.with_suffix(".new")
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            try:
                fill(scratch)
                os.rename(scratch, finished)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return finished


def make(scratch: pathlib.Path) -> None:
    packages = scratch / "packages"
    packages.mkdir()
    bootstrap(scratch / "root", f"--include={','.join(EMPTY)}", download(*OFFERED, *LINKED),
              f'--customize-hook=chroot "$1" useradd --create-home --shell /bin/bash --uid {OPERATOR_NUMBER} {OPERATOR}',
              f'--customize-hook=mv "$1"/var/cache/apt/archives/*.deb {packages}/')
    with open(packages / "Packages", "w", encoding="utf-8") as index:
        run(["dpkg-scanpackages", "--multiversion", "."], cwd=packages, stdout=index)
    empty(scratch / "root")


def bootstrap(target: pathlib.Path, *options: str) -> None:
    """The least system of the suite, and what the options add, at `target`: a folder to be, or a .tar."""
    # What it mounts when it fails must not be there when the folder is removed.
    run(["unshare", "--mount", "--propagation", "private", "mmdebstrap", "--variant=minbase",
         '--aptopt=APT::Install-Recommends "false"', *options, SUITE, str(target), *sources()])


def download(*packages: str) -> str:
    """The option by which these, and what they need, are fetched and not installed."""
    return f'--customize-hook=chroot "$1" apt-get install -y -q --download-only {" ".join(packages)}'


def sources() -> list[str]:
    """Where this machine has its own packages of the suite from."""
    folder = pathlib.Path("/etc/apt")
    files = [folder / "sources.list", *folder.glob("sources.list.d/*.sources"), *folder.glob("sources.list.d/*.list")]
    found = [str(path) for path in files if path.is_file() and f"{SUITE}-updates" in path.read_text(encoding="utf-8")]
    if not found:
        raise ImageError(f"no file of /etc/apt names {SUITE}: the fleet lab fetches packages where this machine does")
    return found


def empty(root: pathlib.Path) -> None:
    """Nothing that two machines must not share, and no waiting for disks that are thrown away."""
    for path in [*root.glob("etc/ssh/ssh_host_*"), *root.glob("etc/apt/sources.list.d/*"), *root.glob("var/lib/apt/lists/*_*")]:
        path.unlink()
    (root / "etc/apt/sources.list").write_text("", encoding="ascii")
    os.utime(root / "var/lib/apt/lists", (0, 0))  # by which apt's age of what is offered is told
    (root / "etc/machine-id").write_text("", encoding="ascii")
    (root / "etc/dpkg/dpkg.cfg.d/fleet-lab").write_text("force-unsafe-io\n", encoding="ascii")
    (root / "etc/apt/apt.conf.d/90fleet-lab").write_text('Acquire::Languages "none";\n', encoding="ascii")
    # Nobody types here, and nobody types elsewhere for these either.
    for unit in ("console-getty.service", "systemd-resolved.service", "apt-daily.timer", "apt-daily-upgrade.timer"):
        (root / "etc/systemd/system" / unit).symlink_to("/dev/null")


def run(argv: list[str], **options) -> None:
    options = {"stdout": subprocess.PIPE} | options
    done = subprocess.run(["nice", *argv], stderr=subprocess.PIPE, text=True, timeout=MAKE_SECONDS, check=False, **options)
    if done.returncode != 0:
        raise ImageError(f"{argv[0]}: {(done.stdout or '')[-1000:]}{done.stderr[-3000:]}")
