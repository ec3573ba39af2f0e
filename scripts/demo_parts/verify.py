"""Looks every acknowledged booking up through the virtual address, as a customer would: number and phone."""

import http.client
import json
import threading
import time

from lab import Node
from lab.waiting import Connection

from .traffic import BOOKING_PATH, Record, Site, phone

WORKERS = 4
ATTEMPTS = 5
PAUSE_SECONDS = 0.2
TIMEOUT_SECONDS = 2.0


def missing_numbers(client: Node, site: Site, bookings: list[Record]) -> set[str]:
    """Numbers that were acknowledged and are not found again. What cannot be asked counts as missing."""
    waiting = [record for record in bookings if record.number]
    missing: set[str] = set()
    lock = threading.Lock()

    def work() -> None:
        connection = site.connection(client, TIMEOUT_SECONDS)
        while True:
            with lock:
                if not waiting:
                    break
                record = waiting.pop()
            if not found(connection, record):
                with lock:
                    missing.add(record.number)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return missing


def found(connection: Connection, record: Record) -> bool:
    question = json.dumps({"number": record.number, "phone": phone(record.n)})
    for _ in range(ATTEMPTS):
        try:
            connection.request("POST", f"{BOOKING_PATH}/lookup", question, {"Content-Type": "application/json"})
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            connection.close()  # The next request opens a new one.
            time.sleep(PAUSE_SECONDS)
            continue
        if response.status == 200:
            return json.loads(body).get("number") == record.number
        if response.status == 404:
            return False
        time.sleep(PAUSE_SECONDS)
    return False
