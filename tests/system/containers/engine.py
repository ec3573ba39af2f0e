"""Docker's engine on a machine of the lab, and docker-compose with our file."""
import json
import os
import pathlib
import resource
import subprocess

from lab import waiting
from lab.node import Node

RUN = str(pathlib.Path(__file__).with_name("engine.sh"))
START_SECONDS = 60.0
END_SECONDS = 30.0
COMMAND_SECONDS = 60.0
FILES = 20000  # descriptors of a container; the engine's own default is more than some machines allow
LOG_TAIL = 3000


class EngineError(RuntimeError):
    """The engine, or what was asked of it, failed; says how."""


class Engine:
    """Construct, start(). It ends with the lab, or by stop(); what it keeps is in the node's folder."""

    def __init__(self, node: Node):
        self.node = node
        self.group = f"mainstay-containers-{node.lab.identity}"
        self.place = pathlib.Path(node.directory)
        self.log = self.place / "engine.log"
        self.socket = self.place / "docker.sock"
        # Nothing of the caller's: neither another docker on his path nor his settings nor his proxies.
        self.env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": str(self.place),
                    "MAINSTAY_LAB": node.lab.identity, "DOCKER_HOST": f"unix://{self.socket}", "DOCKER_BUILDKIT": "0",
                    "COMPOSE_DOCKER_CLI_BUILD": "0", "COMPOSE_HTTP_TIMEOUT": "300"}
        self.running: subprocess.Popen | None = None

    def start(self) -> None:
        """Until it answers. A machine whose kernel does not let an engine run is told so by the engine's own last words."""
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        files = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
        data = self.place / "data"
        data.mkdir()
        settings = self.place / "daemon.json"
        settings.write_text(json.dumps({
            "data-root": str(data), "exec-root": str(self.place / "exec"), "pidfile": str(self.place / "engine.pid"),
            "hosts": [f"unix://{self.socket}"], "cgroup-parent": f"/{self.group}", "log-level": "warn",
            "default-ulimits": {"nofile": {"Name": "nofile", "Soft": files, "Hard": files}}}), encoding="ascii")
        with open(self.log, "ab") as log:
            # Outside of the node's namespace: it sees the engine end when everything in there is killed, and cleans up.
            self.running = subprocess.Popen([RUN, self.group, self.node.namespace, str(settings), str(data)], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True, env=os.environ | self.env)

        def answers() -> bool:
            if self.running.poll() is not None:
                raise EngineError(f"dockerd cannot run on this machine:\n{self.said()}")
            return self.socket.exists() and self.run("docker", "info", timeout=START_SECONDS).returncode == 0
        try:
            waiting.wait_until(answers, START_SECONDS, "dockerd answers", poll=0.1)
        except waiting.Timeout as error:
            raise EngineError(f"{error}\n{self.said()}") from None

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]

    def wait_ended(self) -> None:
        """After the lab has killed it: until what it left of control groups is gone."""
        if self.running:
            self.running.wait(END_SECONDS)
            self.running = None

    def run(self, *argv: str, **options) -> subprocess.CompletedProcess:
        """A program that speaks to the engine."""
        options = {"timeout": COMMAND_SECONDS} | options
        return self.node.run([*argv], env=self.env | options.pop("more", {}), **options)

    def docker(self, *words: str, **options) -> str:
        """What it printed; raises unless it went well."""
        return self.well(self.run("docker", *words, **options), words[0])

    def well(self, done: subprocess.CompletedProcess, what: str) -> str:
        if done.returncode != 0:
            raise EngineError(f"{what}: {(done.stdout or '')[-LOG_TAIL:]}{done.stderr[-LOG_TAIL:]}\nthe engine: {self.said()}")
        return done.stdout


class Compose:
    """docker-compose.yml with the settings given, for all of its profiles."""

    def __init__(self, engine: Engine, files: list[pathlib.Path], settings: dict[str, str]):
        self.engine = engine
        self.settings = settings | {"COMPOSE_PROJECT_NAME": "mainstay"}
        self.words = ["docker-compose", "--project-directory", str(files[0].parent),
                      *(word for file in files for word in ("--file", str(file)))]

    def said(self, *words: str, profiles: tuple[str, ...] = ("app", "obs", "backup"), seconds: float = COMMAND_SECONDS) -> str:
        chosen = [word for profile in profiles for word in ("--profile", profile)]
        done = self.engine.run(*self.words, *chosen, *words, more=self.settings, timeout=seconds)
        return self.engine.well(done, f"docker-compose {' '.join(words)}")

    def containers(self) -> dict[str, dict]:
        """What the engine knows of each, by the name of its service."""
        found = self.engine.docker("ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=mainstay").split()
        every = json.loads(self.engine.docker("inspect", *found)) if found else []
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in every}

    def well(self, name: str) -> bool:
        return self.containers()[name]["State"].get("Health", {}).get("Status") == "healthy"

    def run_in(self, name: str, *argv: str) -> subprocess.CompletedProcess:
        """As the user of the container, in it."""
        return self.engine.run("docker", "exec", self.containers()[name]["Id"], *argv)
