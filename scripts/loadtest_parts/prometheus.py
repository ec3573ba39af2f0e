"""What happened while it ran, as Prometheus saw it: endpoints, Virtual Routers, scrapes, alerts. As exact as it scrapes."""
import json
import math
import ssl
import time
import urllib.parse
import urllib.request

from .events import Event

ASK_SECONDS = 5
SETTLE_SECONDS = 20.0  # at most: what happened at the end is there after the next scrape
BEFORE_SECONDS = 60    # how far back a value is looked for that was there when it began
LARGEST_ANSWER = 16 << 20


def endpoint(labels: dict, value: float) -> str:
    return f"{of(labels)}endpoint {labels.get('endpoint', '?')} of {labels.get('upstream', '?')} is {'in use' if value else 'out'}"


def router(labels: dict, value: float) -> str:
    return f"{of(labels)}{'Active' if value else 'no longer Active'} for VRID {labels.get('vrid', '?')} on {labels.get('interface', '?')}"


def scrape(labels: dict, value: float) -> str:
    return f"{of(labels)}{labels.get('job', '?')} {'answers' if value else 'does not answer'} Prometheus"


def of(labels: dict) -> str:
    return f"{labels['instance']}: " if "instance" in labels else ""


CHANGES = (("lbd_upstream_up", endpoint), ('vrrpd_state{state="active"}', router), ("up", scrape))
ALERTS = 'ALERTS{alertstate="firing"}'


class Unanswered(Exception):
    pass


class Prometheus:
    def __init__(self, url: str, ca_file: str | None):
        self._url = url.rstrip("/")
        trust = ssl.create_default_context(cafile=ca_file)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust))

    def ask(self, path: str, **parameters) -> list[dict]:
        url = f"{self._url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with self._opener.open(url, timeout=ASK_SECONDS) as answer:
                found = json.loads(answer.read(LARGEST_ANSWER))
            return found["data"]["result"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unanswered(f"{self._url}: {error}") from error

    def events(self, begin: float, end: float) -> list[Event]:
        """Of the time between; waits until it was all scraped. Raises Unanswered."""
        self._settle(end)
        found = []
        for metric, say in CHANGES:
            window = f"{metric}[{math.ceil(end - begin) + BEFORE_SECONDS}s]"
            for series in self.ask("query", query=window, time=f"{end:.3f}"):
                found += [Event(at, say(series["metric"], value), "Prometheus") for at, value in changes(series["values"]) if at >= begin]
        for series in self.ask("query_range", query=ALERTS, start=f"{begin:.3f}", end=f"{end:.3f}", step=step(end - begin)):
            found += alert(series, begin, end, step(end - begin))
        return found

    def _settle(self, end: float) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            oldest = self.ask("query", query="min(timestamp(up))")
            if not oldest or float(oldest[0]["value"][1]) >= end:
                return
            time.sleep(0.2)


def changes(values: list) -> list[tuple[float, float]]:
    """(when, to what) of each sample that is another than the one before it."""
    read = [(float(at), float(value)) for at, value in values]
    return [now for before, now in zip(read, read[1:]) if before[1] != now[1]]


def step(seconds: float) -> float:
    """Of a range, within the 11000 points that Prometheus gives at most."""
    return max(1.0, math.ceil(seconds / 10000))


def alert(series: dict, begin: float, end: float, every: float) -> list[Event]:
    """When it began and ceased to fire, if within; it stands where it was seen first, and seen no more."""
    labels = series["metric"]
    name = f"{of(labels)}alert {labels.get('alertname', '?')}"
    seen = [float(at) for at, _ in series["values"]]
    found = []
    last = begin + (end - begin) // every * every  # that was asked for
    for before, now in zip([begin - every, *seen], [*seen, last + every]):
        if now - before > 1.5 * every:
            found += [Event(before + every, f"{name} is over", "Prometheus")] if before >= begin else []
            found += [Event(now, f"{name} fires", "Prometheus")] if now <= last else []
    return found
