"""What runs on a node: a program, when it counts as ready, and what to do then. Plain data, so that it can be
written to the state file and started again by another program."""

from dataclasses import asdict, dataclass, field

from . import waiting


@dataclass(frozen=True)
class Ready:
    """`tcp`: the port accepts. `http`: GET of `path` answers 200."""
    kind: str
    address: str
    port: int
    path: str = "/"
    seconds: float = 20.0

    def reached(self, namespace: str) -> bool:
        if self.kind == "tcp":
            return waiting.tcp_answers(namespace, self.address, self.port)
        return waiting.http_status(namespace, self.address, self.port, self.path) == 200


@dataclass(frozen=True)
class Service:
    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)
    ready: Ready | None = None

    def to_json(self) -> dict:
        return asdict(self)

    @staticmethod
    def from_json(data: dict) -> "Service":
        ready = Ready(**data["ready"]) if data["ready"] else None
        return Service(data["name"], data["argv"], data["env"], ready)
