"""The project's own daemons as services, with the configuration each node of the lab gives them."""

import functools
import os
import subprocess

from . import mariadb
from .node import Node
from .service import Ready, Service
from .topology import INNER, INTERFACES, OUTER, PREFIX_LENGTH, VIP

REPOSITORY = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
HTTP_PORT = 80
BOOKD_PORT = 8080
LBD_ADMIN_PORT = 9101
VRRPD_ADMIN_PORT = 9112
BOOKD_ADMIN_PORT = 9108
OWNER = "owner"  # May log in as the shop.
OWNER_PASSWORD = "password-of-the-lab"
VRRPD_KEY = "secret-of-the-lab-that-two-vrrpd-share"
HASH_SECONDS = 10

LBD = """\
listeners:
  - address: 0.0.0.0:{http}
admin:
  listen: 127.0.0.1:{admin}
log:
  format: json
  level: info
access_log:
  enabled: true
upstreams:
  - name: bookd
    endpoints: [{endpoints}]
    check:
      path: /readyz
      interval: 200ms
      timeout: 200ms
      rise: 2
      fall: 2
    timeouts:
      connect: 200ms
      first_byte: 1s
      between_bytes: 1s
      idle: 15s
routes:
  - path: /
    upstream: bookd
"""

VRRPD = """\
log:
  format: json
  level: info
admin:
  listen: 127.0.0.1:{admin}
handover:
  key_file: {key_file}
routers:
  - vrid: 51
    interface: {interface}
    priority: {priority}
    advertisement_interval: {interval}
    preempt: true
    addresses:
      - {vip}/{prefix}
    track:
      - name: lbd
        url: http://127.0.0.1:{lbd_admin}/readyz
        watch: true
        interval: 100ms
        timeout: 100ms
        rise: 2
        fall: 2
        on_failure: release
"""

BOOKD = """\
log:
  format: json
  level: info
http:
  listen: 0.0.0.0:{http}
  trusted_proxies: [{proxies}]
admin:
  listen: 127.0.0.1:{admin}
database:
  nodes: [{nodes}]
  name: {database}
  user: {user}
  password_file: {password_file}
  tls:
    ca_file: {tls}/ca.pem
    certificate_file: {tls}/{user}.pem
    key_file: {tls}/{user}.key
  probe_interval: 100ms
admins:
  - username: {owner}
    password_hash: "{owner_hash}"
"""


def program(name: str) -> str:
    """Of our build: from the folder MAINSTAY_BIN names, by default that of the release preset."""
    folder = os.environ.get("MAINSTAY_BIN") or os.path.join(REPOSITORY, "build", "release", "bin")
    path = os.path.join(os.path.abspath(folder), name)
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"{path} is missing: build it, or name the folder that holds it in MAINSTAY_BIN")
    return path


def lbd(node: Node, apps: list[Node]) -> Service:
    endpoints = ", ".join(f'"{app.address(INNER)}:{BOOKD_PORT}"' for app in apps)
    config = write(node, "lbd.yaml", LBD.format(admin=LBD_ADMIN_PORT, http=HTTP_PORT, endpoints=endpoints))
    return Service("lbd", [program("lbd"), "--config", config],
                   ready=Ready("http", "127.0.0.1", LBD_ADMIN_PORT, "/readyz"))


def vrrpd(node: Node, priority: int, interval: str = "100ms") -> Service:
    config = write(node, "vrrpd.yaml", VRRPD.format(
        key_file=write(node, "vrrpd.key", VRRPD_KEY + "\n"), admin=VRRPD_ADMIN_PORT, interface=INTERFACES[OUTER],
        priority=priority, interval=interval, vip=VIP, prefix=PREFIX_LENGTH, lbd_admin=LBD_ADMIN_PORT))
    return Service("vrrpd", [program("vrrpd"), "--config", config],
                   ready=Ready("http", "127.0.0.1", VRRPD_ADMIN_PORT, "/healthz"))


def bookd(node: Node, databases: list[Node], proxies: list[Node]) -> Service:
    config = write(node, "bookd.yaml", BOOKD.format(
        http=BOOKD_PORT, admin=BOOKD_ADMIN_PORT, proxies=", ".join(proxy.address(INNER) for proxy in proxies),
        nodes=", ".join(f'"{database.address(INNER)}:{mariadb.PORT}"' for database in databases),
        tls=mariadb.tls_directory(node), database=mariadb.DATABASE, user=mariadb.APP_USER,
        password_file=write(node, "bookd.password", mariadb.APP_PASSWORD + "\n"),
        owner=OWNER, owner_hash=owner_hash()))
    write(node, "bookd-keys", keys())
    return Service("bookd", [program("bookd"), "--config", config],
                   ready=Ready("http", "127.0.0.1", BOOKD_PORT, "/readyz"))


@functools.cache
def owner_hash() -> str:
    """The shop's password as bookd keeps it; made once a run, since it is made to be slow."""
    done = subprocess.run([program("bookd"), "--hash-password"], input=OWNER_PASSWORD + "\n", capture_output=True,
                          text=True, timeout=HASH_SECONDS, check=True)
    return done.stdout.strip()


@functools.cache
def keys() -> str:
    """The keys of personal data: the same on every node."""
    return subprocess.run([program("bookd"), "--new-keys"], capture_output=True, text=True, timeout=HASH_SECONDS,
                          check=True).stdout


def write(node: Node, name: str, text: str) -> str:
    path = os.path.join(node.directory, name)
    with open(path, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)  # bookd's holds a password.
        file.write(text)
    return path
