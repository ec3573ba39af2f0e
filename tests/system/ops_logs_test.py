"""Log lines reach Loki by syslog-ng over TLS: whole, with four labels, without a person in them, and over an outage none is lost."""
import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

from support.alloy_stages import replaced, replacements  # noqa: E402
from support.certificates import Authority  # noqa: E402
from support.loki_stub import LokiStub  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_SECONDS = 20

SETTINGS = """@version: 3.38
@define loki "https://127.0.0.1:{port}"
@define tls "tls(ca-file(\\"{folder}/pki/ca.pem\\") cert-file(\\"{folder}/pki/node.pem\\") key-file(\\"{folder}/pki/node.key\\") peer-verify(yes))"
@define env "lab"
@define state "{folder}/buffer"
@define buffer "10485760"
@define reopen "1"
options {{ keep-hostname(yes); use-dns(no); stats-freq(0); log-msg-size(65536); }};
source s_lines {{ unix-dgram("{folder}/log"); }};
@include "{loki}"
"""

ACCESS = ('{"time":"2026-11-29T10:20:36.198829Z","client":"%s","listener":"0.0.0.0:80","method":"GET",'
          '"target":"/lookup?phone=01012345678&name=kim","status":200,"request_id":"d64a01012345678099b0e456a9bf327e"}')
# Who asks, and the network that is left of it: as long as it is written, and as short.
CLIENTS = (("203.0.113.77", "203.0.113.0"), ("::ffff:198.51.100.77", "::ffff:198.51.100.0"), ("2001:db8:1:2::77", "2001:db8:1::"),
           ("2001:db8:2:3:4:5:6:77", "2001:db8:2::"), ("2001:db8:3::77", "2001:db8:3::"), ("2001:db9::77", "2001:db9::"),
           ("2002::77", "2002::"), ("fe80::77%out0", "fe80::"))
WORDS = ('{"app":"bookd","level":"info","msg":"call 010-1234-5678 or +82 10 1234 5678,01098765432;010 9876-5432에, '
         'write kim@example.kr,kim.lee+shop@mail.example.com"}')


def until(condition, what: str) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {MOST_SECONDS} s: {what}")
        time.sleep(0.02)


class Logs(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "buffer").mkdir()
        self.authority = Authority()
        self.addCleanup(self.authority.remove)
        self.have_certificate()
        self.loki = LokiStub(context=self.door(self.authority))
        self.addCleanup(lambda: self.loki.close())
        settings = SETTINGS.format(port=self.loki.port, folder=self.folder, loki=ROOT / "conf/syslog-ng/loki.conf")
        (self.folder / "syslog-ng.conf").write_text(settings, encoding="utf-8")
        self.shipper = None
        self.start()
        self.addCleanup(self.stop)

    def have_certificate(self) -> None:
        """The node's own, as scripts/pki leaves it."""
        pki = self.folder / "pki"
        pki.mkdir()
        made = self.authority.make("node", "lb1")
        for name, file in (("ca.pem", self.authority.file), ("node.pem", made["certificate_file"]), ("node.key", made["key_file"])):
            shutil.copy(file, pki / name)

    def door(self, authority: Authority) -> ssl.SSLContext:
        """Loki's: of `authority`; who comes in shows a certificate of the fleet's."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made = authority.make("loki", "127.0.0.1")
        context.load_cert_chain(made["certificate_file"], made["key_file"])
        context.load_verify_locations(self.authority.file)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def command(self, *more: str) -> list[str]:
        return ["syslog-ng", "--no-caps", "-f", f"{self.folder}/syslog-ng.conf", *more]

    def start(self) -> None:
        with open(self.folder / "said", "ab") as said:
            self.shipper = subprocess.Popen(
                self.command("-F", "-R", f"{self.folder}/persist", "-p", f"{self.folder}/pid", "-c", f"{self.folder}/ctl"),
                stdout=said, stderr=said)
        until(self.listens, "syslog-ng listens")

    def listens(self) -> bool:
        self.assertIsNone(self.shipper.poll(), (self.folder / "said").read_text(errors="replace"))
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
                probe.connect(f"{self.folder}/log")
            return True
        except OSError:
            return False

    def stop(self) -> None:
        if self.shipper:
            self.shipper.terminate()
            self.shipper.wait(10)
            self.shipper = None

    def log(self, *lines: str, program: str = "lbd", priority: int = 30) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.connect(f"{self.folder}/log")
            for line in lines:
                sending.send(f"<{priority}>Nov 29 10:00:00 {program}[1]: {line}".encode())

    def taken(self) -> list[str]:
        return [line for _, line in self.loki.lines]

    def queued(self) -> int:
        """As Prometheus would read it."""
        done = subprocess.run([str(ROOT / "scripts/node-metrics"), str(self.folder)], capture_output=True, text=True, timeout=10,
                              check=False, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MAINSTAY_PKI": str(self.folder),
                                                "MAINSTAY_SYSLOG_CTL": f"{self.folder}/ctl"})
        self.assertEqual(0, done.returncode, done.stderr)
        text = (self.folder / "mainstay_node.prom").read_text(encoding="utf-8")
        self.assertEqual(0, subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True,
                                           timeout=10, check=False).returncode)
        return int(text.split("\nmainstay_logs_queued ")[1].split()[0])

    def test_a_line_arrives_octet_for_octet_with_its_labels(self):
        lines = [json.dumps({"ts": "2026-11-29T10:00:00Z", "level": "warn", "app": "vrrpd", "msg": 'a "quoted" \\ back\tslash'}),
                 '{"app":"bookd","level":"error","msg":"한글 메시지 😀"}']
        self.log(*lines)
        self.log("no JSON: 100% $HOST {braces}", program="cron", priority=11)
        until(lambda: len(self.loki.lines) == 3, "three lines")
        self.assertEqual([], self.loki.faults)
        by_app = {labels["app"]: (labels["level"], labels["env"], line) for labels, line in self.loki.lines}
        self.assertEqual({"vrrpd": ("warn", "lab", lines[0]), "bookd": ("error", "lab", lines[1]),
                          "cron": ("error", "lab", "no JSON: 100% $HOST {braces}")}, by_app)

    def test_no_line_has_a_person_in_it(self):
        lines = [ACCESS % client for client, _ in CLIENTS] + [WORDS]
        self.log(*lines)
        until(lambda: len(self.loki.lines) == len(lines), "all lines")
        said = "\n".join(self.taken())
        for personal in (*(client for client, _ in CLIENTS), "::77", "phone=", "010-1234", "1234 5678", "kim", "98765432", "9876-5432"):
            self.assertNotIn(personal, said)
        for kept in (*(f'"client":"{network}"' for _, network in CLIENTS), '"target":"/lookup"', "d64a01012345678099b0e456a9bf327e"):
            self.assertIn(kept, said)
        self.assertEqual({"lbd-access", "bookd"}, {labels["app"] for labels, _ in self.loki.lines})

    def test_alloy_would_leave_the_same_of_each_line(self):
        lines = [ACCESS % client for client, _ in CLIENTS] + [WORDS]
        self.log(*lines)
        until(lambda: len(self.loki.lines) == len(lines), "all lines")
        stages = replacements(ROOT / "conf/syslog-ng/alloy.alloy")
        self.assertEqual(self.taken(), [replaced(line, stages) for line in lines])

    def test_an_outage_of_loki_and_a_restart_lose_no_line(self):
        self.log("before the outage")
        until(lambda: "before the outage" in self.taken(), "a first line")
        port = self.loki.port
        self.loki.close()
        wanted = {f"line {number} of the outage" for number in range(400)}
        first, second = sorted(wanted)[:200], sorted(wanted)[200:]
        self.log(*first)
        until(lambda: self.queued() == len(first), "they wait")  # in the buffer; a datagram nobody has read is the sender's
        self.stop()
        self.start()
        self.log(*second)
        before = self.loki.lines
        self.loki = LokiStub(port, context=self.door(self.authority))
        until(lambda: wanted <= set(self.taken()), "every line of the outage")
        self.assertEqual([], self.loki.faults)
        self.assertEqual(1, len(before))

    def test_a_loki_in_trouble_gets_the_lines_again(self):
        self.loki.statuses = [500, 429, 503]
        self.log("patience")
        until(lambda: "patience" in self.taken(), "the line after three refusals")

    def test_a_loki_that_somebody_else_vouches_for_gets_no_line(self):
        port = self.loki.port
        self.loki.close()
        stranger = Authority("somebody else")
        self.addCleanup(stranger.remove)
        self.loki = LokiStub(port, context=self.door(stranger))
        self.log("for nobody else")
        until(lambda: any(isinstance(end, ssl.SSLError) for end in self.loki.cut), "a handshake that syslog-ng gave up")
        self.assertEqual([], self.loki.lines)

    def test_lines_that_a_door_shuts_out_wait_and_are_counted(self):
        """As mainstay-doors does while Loki is away: the handshake is good, then it hangs up."""
        self.loki.deaf = True
        lines = {f"line {number}" for number in range(10)}
        self.log(*lines)
        until(lambda: self.queued() == len(lines), "ten lines wait")
        self.loki.deaf = False
        until(lambda: lines <= set(self.taken()), "they arrive")
        until(lambda: self.queued() == 0, "none waits")

    def test_how_many_wait_is_told_to_prometheus(self):
        self.loki.statuses = [500] * 1000
        self.log(*(f"line {number}" for number in range(50)))

        until(lambda: self.queued() == 50, "50 lines wait")

    def test_the_settings_of_a_node_are_right(self):
        text = (ROOT / "conf/syslog-ng/mainstay.conf").read_text(encoding="utf-8")
        # Without a journal on this machine, and with the certificate of here; all else as it is.
        text = text.replace("/etc/mainstay/pki", f"{self.folder}/pki")
        text = text.replace('systemd-journal(prefix(".journald."));', "").replace("/etc/syslog-ng/loki.conf",
                                                                                 str(ROOT / "conf/syslog-ng/loki.conf"))
        (self.folder / "node.conf").write_text(text, encoding="utf-8")
        done = subprocess.run(["syslog-ng", "--syntax-only", "-f", f"{self.folder}/node.conf"], capture_output=True, text=True,
                              timeout=20, check=False)
        self.assertEqual((0, ""), (done.returncode, done.stderr))


if __name__ == "__main__":
    unittest.main()
