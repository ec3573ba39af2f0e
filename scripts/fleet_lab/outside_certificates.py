"""An authority of the world outside, and a certificate for the names that our machines ask there."""
import pathlib
import subprocess

DAYS = "30"
KEY = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", DAYS]


def make(folder: pathlib.Path, names: list[str]) -> None:
    """ca.pem, server.pem, server.key."""
    folder.mkdir(mode=0o700)
    run([*KEY, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority of the outside"], folder)
    run([*KEY, "-keyout", "server.key", "-out", "server.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-subj", f"/CN={names[0]}",
         "-addext", "basicConstraints=CA:FALSE", "-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)], folder)


def run(argv: list[str], folder: pathlib.Path) -> None:
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{argv[0]}: {done.stderr[-2000:]}")
