"""One address in front of two servers: a connection goes to the first that takes it, as a load balancer would have it."""
import select
import socket
import threading

CONNECT_SECONDS = 5
OCTETS = 65536


class Relay:
    def __init__(self, ports: list):
        self.ports = ports
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Nobody is let in any more."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        for port in self.ports:
            try:
                server = socket.create_connection(("127.0.0.1", port), CONNECT_SECONDS)
            except OSError:
                continue
            with client, server:
                self._pass(client, server)
            return
        client.close()

    @staticmethod
    def _pass(client: socket.socket, server: socket.socket) -> None:
        """Octets both ways until either side is done."""
        other = {client: server, server: client}
        try:
            while True:
                for source in select.select([client, server], [], [])[0]:
                    part = source.recv(OCTETS)
                    if not part:
                        return
                    other[source].sendall(part)
        except OSError:
            return
