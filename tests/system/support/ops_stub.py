"""What the operations page asks, as programs that say what a test wants: two load balancers, an alert manager, a node of backups."""
import http.server
import json
import threading
import time

VIP = "192.168.10.100"
HOUR = 3600


class Stub(http.server.ThreadingHTTPServer):
    """One program's door: `answers` by path, JSON or text."""

    def __init__(self, answers: dict):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        answer = self.server.answers.get(self.path.split("?")[0])
        body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(404 if answer is None else 200)
        self.send_header("Content-Type", "text/plain" if isinstance(answer, str) else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):  # pylint: disable=arguments-differ
        pass


class Fleet:
    """Two load balancers before these applications; lb1 holds the address."""

    def __init__(self, applications: list[str]):
        self.applications = applications
        endpoints = [{"address": address, "state": "up"} for address in applications]
        self.balancers = [Stub({"/api/v1/upstreams": [{"name": "bookd", "endpoints": endpoints}]}) for _ in range(2)]
        self.give_address_to(0)
        now = time.time()
        self.others = Stub({"/api/v2/alerts": [], "/metrics": (
            f'mainstay_backup_last_good_timestamp_seconds{{kind="full"}} {now - 3 * HOUR:.0f}\n'
            f'mainstay_backup_exit_code{{command="drill"}} 0\n'
            f'mainstay_backup_run_timestamp_seconds{{command="drill"}} {now - 48 * HOUR:.0f}\n')})

    def give_address_to(self, index: int) -> None:
        for place, balancer in enumerate(self.balancers):
            balancer.answers["/api/v1/status"] = {"routers": [{
                "vrid": 51, "interface": "eth0", "state": "Active" if place == index else "Backup", "fit": True,
                "addresses": [f"{VIP}/24"]}]}

    def settings(self) -> str:
        """The part of bookd.yaml that names them."""
        balancers = ", ".join(f'{{name: lb{place + 1}, vrrpd: "{one.address}", lbd: "{one.address}"}}'
                              for place, one in enumerate(self.balancers))
        applications = ", ".join(f'{{name: app{place + 1}, address: "http://{address}"}}'
                                 for place, address in enumerate(self.applications))
        return (f"\nops:\n  load_balancers: [{balancers}]\n  applications: [{applications}]\n"
                f'  alertmanager: "{self.others.address}"\n  backup_metrics: "{self.others.address}"\n  interval: 1s\n')

    def close(self) -> None:
        for stub in (*self.balancers, self.others):
            stub.close()
