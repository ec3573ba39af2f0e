#include "lb/tls/socket_bio.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace lb::tls {
namespace {

// As OpenSSL calls what it asks of its BIO for sockets.
constexpr int kTakeKeys = 72;
constexpr int kSetRecordType = 74;

/// Two sockets that know nothing of TLS; a BIO stands on the first.
struct Pair {
  Pair() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()) == 0);
    ssl = SSL_new(context.get());
    state.ssl = ssl;
    state.socket = sockets[0];
    bio.reset(SocketBio::make(state));
  }
  ~Pair() {
    SSL_free(ssl);
    for (const int one : sockets) ::close(one);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  std::string arrived() const {
    std::array<char, 64> memory{};
    const auto count = ::recv(sockets[1], memory.data(), memory.size(), MSG_DONTWAIT);
    return {memory.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
  }

  std::array<int, 2> sockets{};
  ContextPtr context{SSL_CTX_new(TLS_server_method())};
  SSL* ssl{nullptr};
  SocketBio state;
  BioPtr bio;
};

TEST_CASE("Keys that the kernel does not take stay with OpenSSL", "[lb][tls]") {
  Pair pair;
  alignas(std::max_align_t) std::array<std::byte, 256> keys{};
  const bool for_sending = GENERATE(true, false);
  CHECK(BIO_ctrl(pair.bio.get(), kTakeKeys, for_sending ? 1 : 0, keys.data()) == 0);
  CHECK(BIO_get_ktls_send(pair.bio.get()) == 0);
  CHECK(BIO_get_ktls_recv(pair.bio.get()) == 0);
  CHECK(BIO_write(pair.bio.get(), "record", 6) == 6);
  CHECK(pair.arrived() == "record");
}

TEST_CASE("A record's type holds for what is written next and no longer", "[lb][tls]") {
  Pair pair;
  pair.state.kernel = true;
  CHECK(BIO_get_ktls_send(pair.bio.get()));
  BIO_ctrl(pair.bio.get(), kSetRecordType, SSL3_RT_ALERT, nullptr);
  CHECK(pair.state.record_type == SSL3_RT_ALERT);
  CHECK(BIO_write(pair.bio.get(), "\1\0", 2) == 2);
  CHECK(pair.state.record_type == 0);
  CHECK(pair.arrived() == std::string("\1\0", 2));
}

TEST_CASE("What the socket has no place for of a record waits once hands are shaken", "[lb][tls]") {
  Pair pair;
  pair.state.settled = GENERATE(true, false);
  const std::string record(SSL3_RT_MAX_PLAIN_LENGTH, 'x');
  const auto size = static_cast<int>(record.size());
  int taken = size;
  std::size_t written = 0;
  while (taken == size && pair.state.held.empty()) {
    taken = BIO_write(pair.bio.get(), record.data(), size);
    written += static_cast<std::size_t>(std::max(taken, 0));
  }
  CHECK((BIO_should_write(pair.bio.get()) != 0) == !pair.state.settled);
  CHECK(pair.state.held.empty() == !pair.state.settled);

  std::size_t read = 0;
  std::array<char, 65536> memory{};
  for (ssize_t count = 1; count > 0;
       read += static_cast<std::size_t>(std::max<ssize_t>(count, 0))) {
    count = ::recv(pair.sockets[1], memory.data(), memory.size(), MSG_DONTWAIT);
    pair.state.flush();
  }
  CHECK(read == written);
  CHECK(pair.state.held.empty());
}

}  // namespace
}  // namespace lb::tls
