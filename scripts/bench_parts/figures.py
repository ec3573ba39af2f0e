"""The figures of a proxy: measured in interleaved rounds, told as medians and as ratios."""

import statistics
from collections import defaultdict

from . import load, machine

CONNECTIONS = 64
IDLE_CONNECTIONS = 4000
WARM_SECONDS = 1


def measure(programs: list, rounds: int, seconds: int, say) -> list[dict]:
    samples = defaultdict(lambda: defaultdict(list))
    for program in programs:
        load.run(program.url("/small"), CONNECTIONS, WARM_SECONDS)
    for number in range(rounds):
        # Another one goes first each round, so that nobody owns the good moments of the machine.
        for program in programs[number % len(programs):] + programs[:number % len(programs)]:
            say(f"round {number + 1} of {rounds}: {program.name}")
            _sample(program, seconds, samples)
    for program in programs:
        say(f"idle connections: {program.name}")
        samples["memory of an idle connection (bytes)"][program.name].append(
            load.memory_for_each_idle_connection(program, IDLE_CONNECTIONS))
    return [_row(figure, by_name) for figure, by_name in samples.items()]


def _sample(program, seconds: int, samples) -> None:
    cases = (("small, keep-alive", "/small", {}, CONNECTIONS),
             ("small, new connection", "/small", {"Connection": "close"}, CONNECTIONS),
             ("1 MiB, keep-alive", "/large", {}, 16))
    for case, path, fields, connections in cases:
        before = machine.cpu_ns(program.pids())
        run = load.run(program.url(path), connections, seconds, fields)
        spent = machine.cpu_ns(program.pids()) - before
        samples[f"{case}: CPU a request (us)"][program.name].append(spent / 1000 / run.requests)
        samples[f"{case}: requests a second"][program.name].append(run.per_second)
        samples[f"{case}: p50 (ms)"][program.name].append(run.p50_ms)
        samples[f"{case}: p99 (ms)"][program.name].append(run.p99_ms)


def _row(figure: str, by_name: dict[str, list[float]]) -> dict:
    """`ratio`: lbd against nginx. Where more is better it is above 1 when lbd is ahead, elsewhere below 1."""
    row = {"figure": figure}
    for name, values in by_name.items():
        row[name] = round(statistics.median(values), 3)
    if row.get("nginx"):
        row["ratio"] = round(row["lbd"] / row["nginx"], 3)
    return row
