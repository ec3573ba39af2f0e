"""Which OCSP responses are stapled: those that say of the very certificate that it is good. A client ends the connection for
any other."""

import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

from support.certificates import openssl  # noqa: E402
from support.http2_case import Http2TlsCase  # noqa: E402
from support.lbd_process import PROGRAM  # noqa: E402


class Staples(Http2TlsCase):
    def stapled(self, file: str) -> tuple[bool, str]:
        """Whether it is, and what `--check` says."""
        lbd = self.start_tls(certificates=({**self.www, "ocsp_file": file},))
        host, port = lbd.address
        said = openssl("s_client", "-connect", f"{host}:{port}", "-servername", "www.test", "-status", "-CAfile",
                       self.authority.file, input=b"").stdout
        check = subprocess.run([PROGRAM, "--config", lbd.config_path, "--check"], capture_output=True, text=True, check=True)
        return b"OCSP Response Status: successful" in said, check.stderr

    def test_only_what_says_that_this_certificate_is_good(self):
        self.authority.make("other", "other.test")
        for file, status, expected in (("www", "V", ""), ("www", "R", "says that the certificate is revoked"),
                                       ("www", "", "says that its responder does not know"),
                                       ("other", "V", "is about another certificate")):
            with self.subTest(file=file, status=status):
                stapled, said = self.stapled(self.authority.staple(file, status))
                self.assertEqual(stapled, not expected)
                self.assertEqual("it is not stapled" in said, not stapled, said)
                self.assertIn(expected, said)


if __name__ == "__main__":
    unittest.main()
