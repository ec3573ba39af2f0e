"""The figures of a proxy: measured in interleaved rounds, told as medians and as ratios to the better peer."""

import statistics
from collections import defaultdict
from dataclasses import dataclass

from . import load, machine
from .peers import HUGE_MIB

CONNECTIONS = 64
LARGE_CONNECTIONS = 16
IDLE_CONNECTIONS = 10_000
WARM_SECONDS = 1
UPLOAD_MIB, SLOW_UPLOAD_MIB = 100, 120
SHARE_OF_SATURATION = 0.7
SATURATION_STEPS = 6  # each halves what is not known yet of the rate, of which wrk told the most
KEPT_UP_MS = 20  # whoever is asked for 2 % more than he can do is behind by more in the middle of two seconds
PEERS = ("nginx", "haproxy")

BARS = {"small, keep-alive: CPU a request (us)": 0.85,
        "small, new connection: CPU a request (us)": 0.90,
        "1 MiB answers: CPU a MiB (us)": 1.00,
        "100 MiB answers: CPU a MiB (us)": 1.00,
        "100 MiB uploads: CPU a MiB (us)": 1.00,
        "open loop at 70 %: p99 (ms)": 1.00,
        "connections to the origin, a million requests": 1.00,
        "TLS 1.3, small, keep-alive: CPU a request (us)": 0.90,
        "TLS 1.3: full handshakes a CPU second": 1.00,
        "TLS 1.3: resumed handshakes a CPU second": 1.00,
        "HTTP/2, 10 connections of 32 streams: CPU a request (us)": 0.90,
        "memory of an idle TLS connection (bytes)": 1.00}


@dataclass(frozen=True)
class Pace:
    """How long the three take turns. A machine's speed drifts within minutes, and more so a virtual one's: what can be
    told of a short slice is measured in many of them. Seconds are those of one program's turn."""

    rounds: int
    seconds: int
    long_rounds: int  # of what needs time to settle: large content, the open loop
    long_seconds: int


WHOLE = Pace(rounds=20, seconds=1, long_rounds=5, long_seconds=4)
QUICK = Pace(rounds=4, seconds=1, long_rounds=2, long_seconds=2)


class Samples:
    """figure → program → values."""

    def __init__(self):
        self._values = defaultdict(lambda: defaultdict(list))

    def add(self, figure: str, program, value: float) -> None:
        self._values[figure][program.name].append(value)

    def median(self, figure: str, name: str) -> float:
        return statistics.median(self._values[figure][name])

    def rows(self) -> list[dict]:
        return [_row(figure, by_name) for figure, by_name in self._values.items()]


def _row(figure: str, by_name: dict[str, list[float]]) -> dict:
    """`ratio`: lbd against the better peer. Where more is better it is above 1 when lbd is ahead, elsewhere below 1."""
    row = {"figure": figure}
    for name, values in by_name.items():
        row[name] = round(statistics.median(values), 3)
    peers = [row[name] for name in PEERS if row.get(name)]
    if peers and "lbd" in row:
        best = max(peers) if figure.endswith(("a second", "a CPU second")) else min(peers)
        row["ratio"] = round(row["lbd"] / best, 3)
    if figure in BARS:
        row["bar"] = BARS[figure]
    return row


def in_turn(programs: list, rounds: int, say, what: str):
    """Another one goes first each round, so that nobody owns the good moments of the machine."""
    for number in range(rounds):
        first = number % len(programs)
        for program in programs[first:] + programs[:first]:
            say(f"{what}, round {number + 1} of {rounds}: {program.name}")
            yield program


def measure(programs: list, origin, strobe: str, pace: Pace, say) -> list[dict]:
    samples = Samples()
    for program in programs:
        load.run(program.url("/small"), CONNECTIONS, WARM_SECONDS)
    for program in in_turn(programs, pace.rounds, say, "small, keep-alive"):
        _keep_alive(program, origin, pace.seconds, samples)
    for program in in_turn(programs, pace.rounds, say, "small, new connection"):
        _new_connection(program, pace.seconds, samples)
    for program in in_turn(programs, pace.long_rounds, say, "large"):
        _large(program, pace.long_seconds, samples)
    _open_loop(programs, strobe, pace, samples, say)
    for program in programs:
        say(f"memory: {program.name}")
        _memory(program, samples)
    return samples.rows()


def measure_logged(programs: list, pace: Pace, say) -> list[dict]:
    samples = Samples()
    for program in programs:
        load.run(program.url("/small"), CONNECTIONS, WARM_SECONDS)
    for program in in_turn(programs, pace.rounds, say, "access log on"):
        run, spent = costs(program, "/small", pace.seconds)
        samples.add("access log on, small, keep-alive: CPU a request (us)", program, spent / run.requests)
    return samples.rows()


def costs(program, path: str, seconds: int, fields: dict | None = None, connections: int = CONNECTIONS):
    """A run, and the CPU time that the program spent meanwhile, in microseconds."""
    before = machine.cpu_ns(program.pids())
    run = load.run(program.url(path), connections, seconds, fields)
    return run, (machine.cpu_ns(program.pids()) - before) / 1000


def _keep_alive(program, origin, seconds: int, samples: Samples) -> None:
    accepted = origin.accepted()
    run, spent = costs(program, "/small", seconds)
    opened = max(0, origin.accepted() - accepted - 1)  # the question was one, too
    case = "small, keep-alive"
    samples.add(f"{case}: CPU a request (us)", program, spent / run.requests)
    samples.add(f"{case}: requests a second", program, run.per_second)
    samples.add(f"{case}: p50 (ms)", program, run.p50_ms)
    samples.add(f"{case}: p99 (ms)", program, run.p99_ms)
    samples.add("connections to the origin, a million requests", program, opened * 1e6 / run.requests)


def _new_connection(program, seconds: int, samples: Samples) -> None:
    run, spent = costs(program, "/small", seconds, {"Connection": "close"})
    case = "small, new connection"
    samples.add(f"{case}: CPU a request (us)", program, spent / run.requests)
    samples.add(f"{case}: requests a second", program, run.per_second)


def _large(program, seconds: int, samples: Samples) -> None:
    run, spent = costs(program, "/large", seconds, connections=LARGE_CONNECTIONS)
    samples.add("1 MiB answers: CPU a MiB (us)", program, spent / run.requests)
    for case, mib, transfer in ((f"{HUGE_MIB} MiB answers", HUGE_MIB, lambda: load.download(program, "/huge")),
                                (f"{UPLOAD_MIB} MiB uploads", UPLOAD_MIB, lambda: load.upload(program, UPLOAD_MIB))):
        before = machine.cpu_ns(program.pids())
        if transfer() < mib << 20:
            raise RuntimeError(f"{program.name}: {case} were cut")
        samples.add(f"{case}: CPU a MiB (us)", program, (machine.cpu_ns(program.pids()) - before) / 1000 / mib)


def _open_loop(programs: list, strobe: str, pace: Pace, samples: Samples, say) -> None:
    """All at one rate: what is 70 % of saturation for the weaker peer."""
    weaker = min(_saturation(program, strobe, samples, say) for program in programs if program.name in PEERS)
    for program in in_turn(programs, pace.long_rounds, say, f"open loop at {weaker * SHARE_OF_SATURATION:.0f} a second"):
        told = load.at_rate(strobe, program, weaker * SHARE_OF_SATURATION, CONNECTIONS, pace.long_seconds)
        samples.add("open loop at 70 %: p50 (ms)", program, told["latency_ms"]["p50"])
        samples.add("open loop at 70 %: p99 (ms)", program, told["latency_ms"]["p99"])


def _saturation(program, strobe: str, samples: Samples, say) -> float:
    """The highest rate that keeps up when it is asked for by a schedule. wrk's own is no measure of that: it costs the
    load's core less than a schedule does, and 70 % of it may be more than that core can ask for."""
    low, high = 0.0, samples.median("small, keep-alive: requests a second", program.name)
    for _ in range(SATURATION_STEPS):
        rate = (low + high) / 2
        told = load.at_rate(strobe, program, rate, CONNECTIONS, 2)
        if told["latency_ms"]["p50"] < KEPT_UP_MS:
            low = rate
        else:
            high = rate
    say(f"saturation by schedule: {program.name} {low:.0f} a second")
    return low


def _memory(program, samples: Samples) -> None:
    load.growth_at_stalled_reader(program)  # what is taken once is not what each costs
    load.growth_at_slow_endpoint(program, SLOW_UPLOAD_MIB)
    samples.add("150 MB answer to a stalled reader: growth (KiB)", program,
                load.growth_at_stalled_reader(program) / 1024)
    samples.add("120 MB upload to a slow endpoint: growth (KiB)", program,
                load.growth_at_slow_endpoint(program, SLOW_UPLOAD_MIB) / 1024)
    samples.add("memory of an idle connection (bytes)", program,
                load.memory_for_each_idle_connection(program, IDLE_CONNECTIONS))


def measure_workers(start, say, seconds: int) -> list[dict]:
    """Throughput of one worker and of two, on cores that the load does not use."""
    rates = []
    for workers in (1, 2):
        say(f"{workers} worker(s)")
        program = start(workers)
        try:
            program.wait_ready()
            load.run(program.url("/small"), CONNECTIONS, WARM_SECONDS)
            rates.append(load.run(program.url("/small"), CONNECTIONS, seconds).per_second)
        finally:
            program.stop()
    return [{"figure": "throughput of two workers", "lbd": round(rates[1], 1), "ratio": round(rates[1] / rates[0], 2),
             "bar": 1.8}]
