"""The link of an alert leads to its page: rendered as the package has it, shown by nginx with the settings of the fleet, by a
certificate of the fleet's authority for the name that the link has, at a port that is open."""
import html.parser
import http.client
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

import yaml

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from support.certificates import Authority  # noqa: E402
from support.ports import free_port  # noqa: E402

from lab.waiting import wait_until  # noqa: E402

ANSIBLE = ROOT / "conf/ansible"
SETTINGS = yaml.safe_load((ROOT / "conf/prometheus/prometheus.yml").read_text(encoding="utf-8"))
PLACE = SETTINGS["global"]["external_labels"]["runbooks"]
LINKS = {rule["alert"]: rule["annotations"]["runbook_url"].replace("{{ $externalLabels.runbooks }}", PLACE) for path in (ROOT / "conf/prometheus/rules").glob("*.yml")
         for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"] for rule in group["rules"] if "alert" in rule}
HOST = "ops.mainstay.internal"
SECONDS = 20


class Connection(http.client.HTTPSConnection):
    """By the name of the link to what stands for a load balancer here."""
    port_here = 0

    def connect(self):
        self.sock = self._context.wrap_socket(socket.create_connection(("127.0.0.1", self.port_here), SECONDS), server_hostname=self.host)


class Handler(urllib.request.HTTPSHandler):
    def https_open(self, req):
        return self.do_open(Connection, req, context=self._context)


class Inside(html.parser.HTMLParser):
    """Links and headings of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.links, self.ids = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a":
            self.links.append(attrs["href"])
        if "id" in attrs:
            self.ids.add(attrs["id"])


class Runbooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.place = pathlib.Path(scratch.name)
        cls.place.chmod(0o755)  # nginx reads as another user
        subprocess.run([sys.executable, "-B", ROOT / "scripts/runbooks", cls.place / "pages"], check=True, timeout=60)
        cls.authority = Authority("fleet")
        cls.addClassCleanup(cls.authority.remove)
        made = cls.authority.make("node", "lb1", HOST)
        for name, file in (("node.pem", made["certificate_file"]), ("node.key", made["key_file"])):
            (cls.place / name).write_bytes(pathlib.Path(file).read_bytes())
        Connection.port_here = free_port()
        cls.settings()
        with open(cls.place / "said", "wb") as said:
            cls.nginx = subprocess.Popen(["nginx", "-c", cls.place / "nginx.conf", "-g", "daemon off;"], stdout=said, stderr=said)
        cls.addClassCleanup(cls.nginx.wait)
        cls.addClassCleanup(cls.nginx.terminate)
        context = ssl.create_default_context(cafile=cls.authority.file)
        cls.browser = urllib.request.build_opener(Handler(context=context))
        wait_until(cls.listens, SECONDS, "nginx listens")

    @classmethod
    def settings(cls) -> None:
        """The template as Ansible fills it in, with the port and the places of here."""
        given = {"fleet_pki": str(cls.place), "fleet_pages_port": Connection.port_here}
        env = os.environ | {"HOME": str(cls.place), "ANSIBLE_HOME": str(cls.place), "ANSIBLE_LOCAL_TEMP": str(cls.place)}
        done = subprocess.run(["ansible", "--playbook-dir", ".", "--connection", "local", "-e", json.dumps(given), "lb1", "-m",
                               "ansible.builtin.template", "-a",
                               f"src={ANSIBLE}/roles/monitoring/templates/pages.conf.j2 dest={cls.place}/nginx.conf"],
                              cwd=ANSIBLE, env=env, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        file = cls.place / "nginx.conf"
        text = file.read_text(encoding="utf-8").replace("/run/nginx.pid", f"{cls.place}/pid").replace("/usr/share/mainstay/pages", f"{cls.place}/pages")
        file.write_text(re.sub(r"error_log \S+", f"error_log {cls.place}/errors", text), encoding="utf-8")

    @classmethod
    def listens(cls) -> bool:
        if cls.nginx.poll() is not None:
            raise RuntimeError((cls.place / "said").read_text(encoding="utf-8", errors="replace"))
        with socket.socket() as knocking:
            return knocking.connect_ex(("127.0.0.1", Connection.port_here)) == 0

    def read(self, url: str | urllib.request.Request) -> str:
        with self.browser.open(url, timeout=SECONDS) as answer:
            self.assertEqual("text/html; charset=utf-8", answer.headers["Content-Type"])
            return answer.read().decode("utf-8")

    def refused(self, url: str, **options) -> int:
        with self.assertRaises(urllib.error.HTTPError) as raised:
            self.browser.open(urllib.request.Request(url, **options), timeout=SECONDS)
        raised.exception.close()
        return raised.exception.code

    def test_the_link_of_each_alert_shows_its_page(self):
        for alert, link in LINKS.items():
            with self.subTest(alert=alert):
                text = self.read(link)
                self.assertIn(f"<code>{alert}</code>", text)
                self.assertEqual({"무슨-뜻인가", "먼저-볼-것", "고치기"}, Inside(text).ids & {"무슨-뜻인가", "먼저-볼-것", "고치기"})

    def test_each_link_of_each_page_leads_somewhere(self):
        waiting, seen = {LINKS["VipDown"], f"https://{HOST}:8443/"}, {}
        while waiting:
            url = waiting.pop()
            inside = Inside(self.read(url))
            # "/" leads to the list of all; links there are as from it.
            base = f"https://{HOST}:8443/runbooks/README" if url.endswith("/") else url
            seen[base] = inside.ids
            for link in inside.links:
                target, _, part = urllib.parse.urljoin(base, link).partition("#")
                if urllib.parse.urlsplit(target).hostname == HOST and target not in seen:
                    waiting.add(target)
                if part and target in seen and target == base:
                    self.assertIn(urllib.parse.unquote(part), seen[target], f"{base}: {link}")
        self.assertLessEqual(set(LINKS.values()), set(seen), "a page that the list of all does not lead to")
        self.assertIn(f"https://{HOST}:8443/database", seen)

    def test_lists_tables_and_commands_are_shown_as_such(self):
        text = self.read(LINKS["DbNoWritablePrimary"])
        self.assertRegex(text, r"<ol>\s*<li><code>dbctl status</code>")
        self.assertRegex(text, r"<pre><code[^>]*>dbctl failover\n")
        self.assertIn("<table>", self.read(f"https://{HOST}:8443/runbooks/README"))
        # No line of a list is left in a paragraph.
        for page in (self.place / "pages/runbooks").glob("*.html"):
            self.assertNotRegex(page.read_text(encoding="utf-8"), r"<p>[^<]*\n(- |1\. )", page.name)

    def test_nothing_else_is_there_and_nothing_can_be_sent(self):
        for path in ("/runbooks/Nothing", "/runbooks/", "/../nginx.conf", "/%2e%2e/node.key", "/node.key", "/runbooks/VipDown.md"):
            self.assertIn(self.refused(f"https://{HOST}:8443{path}"), (400, 404), path)
        self.assertEqual(403, self.refused(LINKS["VipDown"], data=b"x", method="POST"))
        self.assertEqual(413, self.refused(LINKS["VipDown"], data=b"x" * 5000, method="POST"))

    def test_a_browser_is_given_a_page_that_changed_within_its_second_and_its_size(self):
        """Which is what a package of another build brings: its files bear the same time."""
        with self.browser.open(LINKS["VipDown"], timeout=SECONDS) as answer:
            self.assertEqual("no-cache", answer.headers["Cache-Control"])
            known = answer.headers["Last-Modified"]
        asked = urllib.request.Request(LINKS["VipDown"], headers={"If-Modified-Since": known})
        self.assertIn("<code>VipDown</code>", self.read(asked))

    def test_the_name_the_port_and_the_certificate_are_those_of_the_link(self):
        places = {urllib.parse.urlsplit(link)[:2] for link in LINKS.values()}
        self.assertEqual(1, len(places))
        (_, place), = places
        host, _, port = place.partition(":")
        self.assertEqual(HOST, host)
        self.assertEqual(int(port), yaml.safe_load((ANSIBLE / "group_vars/all.yml").read_text(encoding="utf-8"))["fleet_pages_port"])
        flows = yaml.safe_load((ROOT / "conf/inventory/flows.yaml").read_text(encoding="utf-8"))
        self.assertTrue(any(flow["from"] == "world" and flow["to"] == "lb" and int(port) in flow.get("port", []) for flow in flows))
        fleet = yaml.safe_load((ROOT / "conf/inventory/fleet.yaml").read_text(encoding="utf-8"))
        hosts = (ROOT / "conf/inventory/generated/hosts").read_text(encoding="utf-8")
        # By addresses of their own: the virtual one may be why somebody reads.
        self.assertEqual([node["outer"]["address"] for node in fleet["nodes"] if "lb" in node["roles"]],
                         re.findall(rf"(?m)^(\S+) {re.escape(host)}$", hosts))
        self.assertEqual(f"ops.{fleet['domain']}", host)
        self.assertIn("'ops.' ~ fleet_domain", (ANSIBLE / "roles/pki/templates/authorized_keys.j2").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
