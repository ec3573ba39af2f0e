#!/usr/bin/python3
"""What vrrpd tells of a change of state: programs, and the record of what led to it."""
import hashlib
import hmac
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from vrrp_lan import INTERFACE, Lan, await_true

# Writes down what it is told, and refuses the first time.
HOOK = """
import http.server, json, pathlib, sys
heard = pathlib.Path(sys.argv[1])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        again = heard.exists()
        with heard.open("a") as file:
            file.write(json.dumps({"content": content, "timestamp": self.headers["X-Mainstay-Timestamp"],
                                   "signature": self.headers["X-Mainstay-Signature"]}) + "\\n")
        self.send_response(204 if again else 503); self.end_headers()
    def log_message(self, *arguments): pass
server = http.server.HTTPServer(("", 8080), Handler)
print("ready", flush=True)
server.serve_forever()
"""


class Notify(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vrrpd-told-"))
        self.folder.chmod(0o777)
        self.addCleanup(shutil.rmtree, self.folder)
        self.lan = Lan()
        self.addCleanup(self.lan.close)
        self.lb1, self.lb2 = self.lan.nodes
        self.told = self.folder / "told"
        command = f"echo $MAINSTAY_FROM $MAINSTAY_STATE $MAINSTAY_VRID $MAINSTAY_PRIORITY >>{self.told}; id -u >>{self.told}"
        top = f"notify: [{{run: [/bin/sleep, '60'], timeout: 50ms}}, {{run: [/bin/sh, -c, '{command}']}}]\n"
        self.lb1.start_vrrpd(200, top=top)
        self.lb2.start_vrrpd(100)
        self.lb1.await_owner()

    def lines(self):
        return self.told.read_text().splitlines()[::2] if self.told.exists() else []

    def test_programs_hear_of_every_change_and_hold_nothing_up(self):
        expected = ["initialize backup 51 200", "backup active 51 200"]
        await_true(lambda: self.lines() == expected, 5, "both changes are told")
        self.assertNotIn("0", self.told.read_text().splitlines()[1::2], "not as root")
        metrics = self.lb1.get("/metrics")
        self.assertIn('vrrpd_notifications_total{result="ok"} 2', metrics)
        self.assertIn('vrrpd_notifications_total{result="failed"} 2', metrics)
        status = self.lb1.node.run(["grep", "-E", "^(CapEff|NoNewPrivs)", f"/proc/{self.lb1.daemon.pid}/status"]).stdout
        self.assertIn("0000000000003000", status, "NET_ADMIN and NET_RAW alone")
        self.assertEqual(0, self.lb1.stop())

    def test_a_webhook_hears_of_a_change_and_can_check_who_said_it(self):
        heard = self.folder / "heard"
        server = self.lb2.node.spawn([sys.executable, "-c", HOOK, str(heard)], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        server.stdout.readline()
        secret = self.folder / "hook.key"
        secret.write_text("a-secret-of-some-length\n")
        secret.chmod(0o600)
        self.lb1.stop()
        url = f"http://{self.lb2.node.address()}:8080/hook"
        self.lb1.start_vrrpd(200, top=f"notify: [{{webhook: '{url}', on: [active], secret_file: {secret}, timeout: 5s}}]\n")
        await_true(lambda: heard.exists() and len(heard.read_text().splitlines()) == 2, 8, "it is asked again after a 503")
        line = json.loads(heard.read_text().splitlines()[-1])
        said = json.loads(line["content"])
        self.assertEqual(("active", 51, INTERFACE), (said["to"], said["vrid"], said["interface"]))
        covered = f"{line['timestamp']}.{line['content']}".encode()
        mac = hmac.new(b"a-secret-of-some-length", covered, hashlib.sha256).hexdigest()
        self.assertEqual("sha256=" + mac, line["signature"])
        await_true(lambda: 'vrrpd_notifications_total{result="ok"} 1' in self.lb1.get("/metrics"), 5, "it is counted")

    def test_what_led_to_a_change_is_kept(self):
        self.lb2.await_state("backup")
        self.lb1.cut_off()
        self.lb2.await_owner()
        record = json.loads(self.lb2.get("/api/v1/record"))
        flight = record["transitions"][-1]
        self.assertEqual("backup to active: no advertisement in time", flight[-1]["text"])
        heard = [event for event in flight if event["kind"] == "heard"]
        self.assertIn("priority 200", heard[-1]["text"])
        silence = flight[-1]["at_unix_us"] - heard[-1]["at_unix_us"]
        self.assertGreater(silence, 300_000)
        self.assertIn("what led to it", self.lb2.log.read_text())


if __name__ == "__main__":
    unittest.main()
