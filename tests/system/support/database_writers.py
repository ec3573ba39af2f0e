#!/usr/bin/python3
"""Writes rows until standard input ends: database_writers.py [--careless] THREADS PATIENCE FILE CA PASSWORD ADDRESS…

Each row has an id of its own; what was acknowledged is appended to FILE: the id, `written` or `found` (an unknown one had
been carried out), the server's id, when the statement was sent and when it was acknowledged. --careless writes to any node
that can be written to. A write that fails or whose outcome is unknown
is repeated under its id, on whichever node can be written to and is the writer of the highest epoch seen, for PATIENCE
seconds. Prints one JSON object: how many were acknowledged and failed, and the longest wait."""
import json
import ssl
import sys
import threading
import time

import pymysql

PAUSE = 0.01  # between two tries
PACE = 0.004  # between two rows: clients, not a flood
TIMEOUT = 1.0  # of one statement


class State:
    def __init__(self, out):
        self.lock = threading.Lock()
        self.out = out
        self.epoch = 0
        self.count = 0
        self.failed = 0
        self.longest = 0.0
        self.refused_lower = 0
        self.errors = {}


def connect(address, options, state):
    """A session with the node, if it can be written to and its term is not over."""
    session = pymysql.connect(host=address, port=3306, user="bookd", password=options["password"], database="bookd",
                              ssl=options["tls"], connect_timeout=1, read_timeout=TIMEOUT, write_timeout=TIMEOUT,
                              autocommit=True)
    with session.cursor() as cursor:
        cursor.execute("SELECT @@global.read_only, @@server_id")
        closed, server = cursor.fetchone()
        cursor.execute("SELECT epoch, writer_id FROM mainstay.cluster_epoch ORDER BY epoch DESC LIMIT 1")
        epoch, writer = cursor.fetchone()
    if options["careless"] and not closed:
        return session, server
    with state.lock:
        lower = epoch < state.epoch
        state.epoch = max(epoch, state.epoch)
        state.refused_lower += lower and not closed
    if closed or lower or writer != server:
        session.close()
        return None, server
    return session, server


def write(name, number, options, state, stop):
    session, server, turn = None, 0, 0
    for sequence in range(10**9):
        if stop.is_set():
            return
        identity = f"{name}-{number}-{sequence}"
        begun = time.monotonic()
        while True:
            try:
                if session is None:
                    session, server = connect(options["addresses"][turn % len(options["addresses"])], options, state)
                sent, how = time.monotonic(), "written"
                if session is not None:
                    with session.cursor() as cursor:
                        cursor.execute("INSERT INTO ledger VALUES (%s, %s)", (identity, number))
                    done = True
                else:
                    done = False
            except pymysql.err.IntegrityError:
                done, how = True, "found"
            except (pymysql.err.MySQLError, OSError, AttributeError) as error:
                done = False
                key = str(error.args[0]) if error.args else type(error).__name__
                with state.lock:
                    state.errors[key] = state.errors.get(key, 0) + 1
                if session is not None:
                    try:
                        session._force_close()
                    except AttributeError:
                        pass
                session = None
            took = time.monotonic() - begun
            if done:
                with state.lock:
                    state.count += 1
                    state.longest = max(state.longest, took)
                    state.out.write(f"{identity} {how} {server} {sent:.6f} {time.monotonic():.6f}\n")
                    state.out.flush()
                stop.wait(PACE)
                break
            if took > options["patience"] or (stop.is_set() and took > 5):
                with state.lock:
                    state.failed += not stop.is_set()
                break
            turn += 1
            time.sleep(PAUSE)


def main():
    words = [word for word in sys.argv[1:] if word != "--careless"]
    threads, patience, path, authority, password, *addresses = words
    tls = ssl.create_default_context(cafile=authority)
    options = {"patience": float(patience), "tls": tls, "password": password, "addresses": addresses,
               "careless": len(words) < len(sys.argv) - 1}
    name = path.rsplit("/", 1)[-1]
    stop = threading.Event()
    with open(path, "a", encoding="ascii") as out:
        state = State(out)
        workers = [threading.Thread(target=write, args=(name, i, options, state, stop)) for i in range(int(threads))]
        for worker in workers:
            worker.start()
        sys.stdin.read()
        stop.set()
        for worker in workers:
            worker.join()
    print(json.dumps({"acknowledged": state.count, "failed": state.failed, "longest": state.longest,
                      "refused_lower": state.refused_lower, "errors": state.errors}))


if __name__ == "__main__":
    main()
