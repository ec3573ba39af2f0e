"""An authority and certificates of a test's own, made by openssl(1), and a client that speaks TLS."""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile

from .wire import SECONDS, Client, Reader


def openssl(*words: str, **more) -> subprocess.CompletedProcess:
    return subprocess.run(["openssl", *words], capture_output=True, check=True, **more)


class Authority:
    """Signs certificates; its files live in `folder` until `remove`."""

    def __init__(self, name: str = "test authority"):
        self.folder = tempfile.mkdtemp(prefix="lbd-tls-")
        self.file = self.path("ca.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", f"/CN={name}", "-keyout", self.path("ca.key"), "-out", self.file)

    def path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def make(self, file: str, *names: str, rsa: bool = False, days: int = 20, subject: str = "") -> dict[str, str]:
        """`certificate_file` and `key_file` of a certificate for DNS names, or addresses."""
        kind = ("-newkey", "rsa:2048") if rsa else ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
        request, made, key = self.path(file + ".csr"), self.path(file + ".pem"), self.path(file + ".key")
        openssl("req", *kind, "-nodes", "-subj", subject or f"/CN={names[0]}", "-keyout", key, "-out", request)
        os.chmod(key, 0o640)
        with open(self.path(file + ".ext"), "w", encoding="ascii") as extensions:
            alternatives = [("IP:" if name[0].isdigit() else "DNS:") + name for name in names]
            extensions.write(f"subjectAltName={','.join(alternatives)}\nbasicConstraints=CA:FALSE\n")
        when = ("-days", str(days)) if days > 0 else ("-not_before", "20200101000000Z", "-not_after", "20200201000000Z")
        if days > 0:
            openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.path("ca.key"), "-set_serial",
                    str(int.from_bytes(os.urandom(8), "big") >> 1), *when, "-extfile", self.path(file + ".ext"), "-out", made)
        else:
            self._make_old(request, file, made)
        return {"certificate_file": made, "key_file": key}

    def _make_old(self, request: str, file: str, made: str) -> None:
        """`openssl x509` of OpenSSL 3.0 cannot date back; `openssl ca` can."""
        with open(self.path("ca.cnf"), "w", encoding="ascii") as config:
            config.write(f"[ca]\ndefault_ca=a\n[a]\ndatabase={self.path('index')}\nrand_serial=yes\ndefault_md=sha256\n"
                         f"new_certs_dir={self.folder}\npolicy=p\n[p]\ncommonName=supplied\n")
        open(self.path("index"), "a", encoding="ascii").close()
        openssl("ca", "-batch", "-config", self.path("ca.cnf"), "-in", request, "-cert", self.file, "-keyfile",
                self.path("ca.key"), "-startdate", "20200101000000Z", "-enddate", "20200201000000Z", "-extfile",
                self.path(file + ".ext"), "-out", made, "-notext")

    def staple(self, file: str, status: str = "V") -> str:
        """An OCSP response of the authority for the certificate `file`: it is good, revoked (R), or nobody knows it ("")."""
        with open(self.path("ocsp.index"), "w", encoding="ascii") as index:
            serial = openssl("x509", "-in", self.path(file + ".pem"), "-noout", "-serial").stdout.decode().strip()
            if status:
                revoked = "250101000000Z" if status == "R" else ""
                index.write(f"{status}\t300101000000Z\t{revoked}\t{serial.removeprefix('serial=')}\tunknown\t/CN={file}\n")
        response = self.path(file + status + ".ocsp")
        openssl("ocsp", "-index", self.path("ocsp.index"), "-CA", self.file, "-rsigner", self.file, "-rkey",
                self.path("ca.key"), "-issuer", self.file, "-cert", self.path(file + ".pem"), "-ndays", "3",
                "-respout", response)
        return response

    def context(self, client: dict[str, str] | None = None, **attributes) -> ssl.SSLContext:
        """Of a client that trusts this authority alone."""
        made = ssl.create_default_context(cafile=self.file)
        if client:
            made.load_cert_chain(client["certificate_file"], client["key_file"])
        for name, value in attributes.items():
            setattr(made, name, value)
        return made

    def server_context(self, certificate: dict[str, str], ask_clients: bool = False) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(certificate["certificate_file"], certificate["key_file"])
        if ask_clients:
            made.verify_mode = ssl.CERT_REQUIRED
            made.load_verify_locations(self.file)
        return made


class TlsClient(Client):
    """As Client, over TLS. `name`: what it asks for by SNI and verifies; `session`: what it resumes."""

    def __init__(self, address, context: ssl.SSLContext, name: str | None = "www.test", session=None,
                 seconds: float = SECONDS):
        raw = socket.create_connection(address, timeout=seconds)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.sock = context.wrap_socket(raw, server_hostname=name, session=session)
        except BaseException:
            raw.close()
            raise
        self.reader = Reader(self.sock)
