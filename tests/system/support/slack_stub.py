"""Run inside a node of the lab: Slack behind a proxy. usage: slack_stub.py ADDRESS PORT FILE
Alertmanager asks its proxy for http://slack.stub/…; each message is appended to FILE as a line of JSON."""
import http.server
import json
import sys

LARGEST = 1 << 20


class Slack(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        message = json.loads(self.rfile.read(min(int(self.headers["Content-Length"]), LARGEST)))
        with open(sys.argv[3], "a", encoding="utf-8") as file:
            file.write(json.dumps({"to": self.path, **message}, ensure_ascii=False) + "\n")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Slack).serve_forever()
