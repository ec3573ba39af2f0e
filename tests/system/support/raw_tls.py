"""A client of TLS that can say what Python's cannot: wishes for new keys (RFC 8446 §4.6.3), as many as a test wants, and data
ahead of its handshake (§2.3). By OpenSSL itself, between two pieces of memory."""

import ctypes
import socket

from .wire import SECONDS

SSL = ctypes.CDLL("libssl.so.3")
CRYPTO = ctypes.CDLL("libcrypto.so.3")
WANT_READ = 2
PENDING, SET_SERVER_NAME = 10, 55  # BIO_ctrl, SSL_ctrl
EARLY_DATA_ACCEPTED = 2
ROOM = 65536

for library, names in ((SSL, ("TLS_client_method", "SSL_CTX_new", "SSL_new", "SSL_get1_session")), (CRYPTO, ("BIO_new", "BIO_s_mem"))):
    for name in names:
        getattr(library, name).restype = ctypes.c_void_p
CRYPTO.BIO_ctrl.restype = ctypes.c_long


class RawTls:
    """Connected, by TLS 1.3, whoever the server is. `session`: of another one, to be resumed; `early`: what is said ahead of
    the handshake, whether the server has offered to take it or not."""

    def __init__(self, address, name: str = "www.test", session=None, early: bytes = b"", seconds: float = SECONDS):
        self.sock = socket.create_connection(address, timeout=seconds)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.context = ctypes.c_void_p(SSL.SSL_CTX_new(ctypes.c_void_p(SSL.TLS_client_method())))
        self.ssl = ctypes.c_void_p(SSL.SSL_new(self.context))
        self.arriving, self.leaving = (ctypes.c_void_p(CRYPTO.BIO_new(ctypes.c_void_p(CRYPTO.BIO_s_mem()))) for _ in range(2))
        SSL.SSL_set_bio(self.ssl, self.arriving, self.leaving)
        SSL.SSL_ctrl(self.ssl, SET_SERVER_NAME, ctypes.c_long(0), name.encode())
        SSL.SSL_set_connect_state(self.ssl)
        if session:
            SSL.SSL_SESSION_set_max_early_data(session, len(early))
            assert SSL.SSL_set_session(self.ssl, session) == 1
        if early:
            written = ctypes.c_size_t()
            assert SSL.SSL_write_early_data(self.ssl, early, ctypes.c_size_t(len(early)), ctypes.byref(written)) == 1
        while (result := SSL.SSL_do_handshake(self.ssl)) != 1:
            assert SSL.SSL_get_error(self.ssl, result) == WANT_READ
            self.sock.sendall(self.made())
            self.take(self.sock.recv(ROOM))
        self.sock.sendall(self.made())

    def close(self) -> None:
        self.sock.close()
        if self.ssl:
            SSL.SSL_free(self.ssl)
            SSL.SSL_CTX_free(self.context)
            self.ssl = None

    def session(self):
        """What resumes it, once the server has been heard."""
        return ctypes.c_void_p(SSL.SSL_get1_session(self.ssl))

    def was_resumed(self) -> bool:
        return SSL.SSL_session_reused(self.ssl) == 1

    def early_taken(self) -> bool:
        """Whether the server took what was said ahead."""
        return SSL.SSL_get_early_data_status(self.ssl) == EARLY_DATA_ACCEPTED

    def made(self) -> bytes:
        """What is to be sent."""
        size = CRYPTO.BIO_ctrl(self.leaving, PENDING, ctypes.c_long(0), None)
        octets = ctypes.create_string_buffer(size + 1)
        CRYPTO.BIO_read(self.leaving, octets, size)
        return octets.raw[:size]

    def take(self, octets: bytes) -> None:
        if not octets:
            raise ConnectionResetError("the server closed")
        CRYPTO.BIO_write(self.arriving, octets, len(octets))

    def said(self, octets: bytes) -> bytes:
        """The records that say it."""
        assert SSL.SSL_write(self.ssl, octets, len(octets)) == len(octets)
        return self.made()

    def new_keys(self, count: int, requested: bool = False) -> bytes:
        """As many records, each with a KeyUpdate and nothing else."""
        for _ in range(count):
            assert SSL.SSL_key_update(self.ssl, int(requested)) == 1 and SSL.SSL_do_handshake(self.ssl) == 1
        return self.made()

    def read(self) -> bytes:
        """Some of what the server says."""
        octets = ctypes.create_string_buffer(ROOM)
        while (count := SSL.SSL_read(self.ssl, octets, ROOM)) <= 0:
            assert SSL.SSL_get_error(self.ssl, count) == WANT_READ
            self.take(self.sock.recv(ROOM))
        return octets.raw[:count]
