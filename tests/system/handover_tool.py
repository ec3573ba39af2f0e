"""What runs inside a namespace for the tests of planned moves: a web server on the wildcard address, and its clients.

Run as `handover_tool.py COMMAND …`; the clients end when their standard input is closed.
"""
import asyncio
import collections
import json
import socket
import sys


async def answer(reader, writer, name):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            closes = b"connection: close" in head.lower()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s"
                         % (len(name), b"Connection: close\r\n" if closes else b"", name))
            await writer.drain()
            if closes:
                break
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def serve(port, name):
    server = await asyncio.start_server(lambda r, w: answer(r, w, name.encode()), None, int(port), backlog=512)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


class Clients:
    """Each asks again as soon as it is answered; what goes wrong is counted under its name."""
    LIMIT = 5.0  # seconds for an answer

    def __init__(self, address, port):
        self.address, self.port = address, port
        self.counts = collections.Counter()
        self.failures = collections.Counter()
        self.served_by = collections.Counter()
        self.slowest = 0.0
        self.over = False

    async def ask(self, reader, writer, closes):
        writer.write(b"GET / HTTP/1.1\r\nHost: vip\r\n%s\r\n" % (b"Connection: close\r\n" if closes else b""))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        self.served_by[(await reader.readexactly(length)).decode()] += 1
        return "last" if b"connection: close" in head.lower() else "more"

    async def timed(self, kind, action):
        """Whether it went well."""
        start = asyncio.get_running_loop().time()
        try:
            result = await asyncio.wait_for(action, self.LIMIT)
        except Exception as error:  # whatever it is, it is what the test counts
            self.failures[f"{kind}: {type(error).__name__}"] += 1
            return None
        self.slowest = max(self.slowest, asyncio.get_running_loop().time() - start)
        return result or True

    async def short(self):
        while not self.over:
            opened = await self.timed("connect", asyncio.open_connection(self.address, self.port))
            if not opened:
                await asyncio.sleep(0.05)
                continue
            reader, writer = opened
            if await self.timed("short", self.ask(reader, writer, True)):
                self.counts["short"] += 1
            writer.close()
            await asyncio.sleep(0.02)

    async def kept(self):
        while not self.over:
            opened = await self.timed("connect", asyncio.open_connection(self.address, self.port))
            if not opened:
                await asyncio.sleep(0.05)
                continue
            reader, writer = opened
            while not self.over:
                answered = await self.timed("kept", self.ask(reader, writer, False))
                if not answered:
                    break
                self.counts["kept"] += 1
                if answered == "last":
                    break
                await asyncio.sleep(0.02)
            writer.close()

    async def run(self, kept, short):
        tasks = [asyncio.create_task(self.kept()) for _ in range(kept)]
        tasks += [asyncio.create_task(self.short()) for _ in range(short)]
        await asyncio.sleep(0.3)
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        self.over = True
        await asyncio.gather(*tasks)
        print(json.dumps({"kept": self.counts["kept"], "short": self.counts["short"], "failures": self.failures,
                          "served_by": self.served_by, "slowest_ms": round(self.slowest * 1000, 1)}), flush=True)


def keep(address, port):
    """One connection, quiet but for a request for each line of the standard input; prints who answered."""
    with socket.create_connection((address, int(port)), Clients.LIMIT) as connection:
        print("ready", flush=True)
        for _ in sys.stdin:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: vip\r\n\r\n")
            print(connection.recv(4096).rpartition(b"\r\n\r\n")[2].decode(), flush=True)


def main():
    command, *arguments = sys.argv[1:]
    if command == "serve":
        asyncio.run(serve(*arguments))
    elif command == "keep":
        keep(*arguments)
    elif command == "clients":
        address, port, kept, short = arguments
        asyncio.run(Clients(address, int(port)).run(int(kept), int(short)))
    else:
        sys.exit(f"unknown command {command}")


if __name__ == "__main__":
    main()
