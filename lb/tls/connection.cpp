#include "lb/tls/connection.hpp"

#include "lb/net/send.hpp"
#include "lb/tls/fault.hpp"
#include "lb/tls/server_state.hpp"
#include "lb/tls/socket_bio.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <utility>

namespace lb::tls {

using boost::system::error_code;
namespace asio = net::asio;

namespace {

/// A record holds no more; pieces are gathered up to it, so that many small ones leave as one.
constexpr std::size_t kRecord = SSL3_RT_MAX_PLAIN_LENGTH;

/// Records that may come between two that carry something: alerts, new keys, empty ones. As many
/// as OpenSSL lets pass of empty ones. Each costs us as much as its sender, or more.
constexpr unsigned kMostIdleRecords = 32;

/// The first of the pieces alone when it fills a record, or as many as fit into one, copied.
std::string_view gather(net::Pieces& pieces) {
  const auto all = pieces.vectors();
  const std::string_view first{static_cast<const char*>(all.front().iov_base), all.front().iov_len};
  if (first.size() >= kRecord || all.size() == 1) return first.substr(0, kRecord);
  thread_local std::array<char, kRecord> memory;
  std::size_t size = 0;
  for (const auto& piece : all) {
    const auto count = std::min(piece.iov_len, kRecord - size);
    std::memcpy(memory.data() + size, piece.iov_base, count);
    size += count;
    if (size == kRecord) break;
  }
  return {memory.data(), size};
}

Failure failure_of(int reason) {
  switch (reason) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_BAD_RECORD_TYPE:
      return Failure::NotTls;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
      return Failure::NothingInCommon;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return Failure::Certificate;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return Failure::Closed;
    default:
      return reason >= SSL_AD_REASON_OFFSET ? Failure::Alert : Failure::Protocol;
  }
}

}  // namespace

struct Connection::Bio {
  SocketBio state;
  unsigned idle_records{0};  // that came since the last application data of either side
  std::size_t owed{0};       // of the pieces: in a record of which the socket has not taken all yet
};

Connection::Connection(SSL_CTX* context, int socket, std::string_view early)
    : bio_{std::make_unique<Bio>()}, ssl_{SSL_new(context)} {
  BIO* const bio = SocketBio::make(bio_->state);
  if (ssl_ == nullptr || bio == nullptr) {
    SSL_free(ssl_);
    BIO_free(bio);
    throw std::bad_alloc{};
  }
  bio_->state.ssl = ssl_;
  bio_->state.socket = socket;
  bio_->state.early = early;
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_app_data(ssl_, this);
  SSL_set_msg_callback(ssl_, on_message);
  SSL_set_msg_callback_arg(ssl_, this);
}

std::unique_ptr<Connection> Connection::accept(std::shared_ptr<const ServerState> state, int socket,
                                               std::string_view early) {
  std::unique_ptr<Connection> made{new Connection{state->base(), socket, early}};
  SSL_set_accept_state(made->ssl_);
  made->state_ = std::move(state);
  return made;
}

std::unique_ptr<Connection> Connection::connect(SSL_CTX* context, int socket,
                                                std::shared_ptr<SessionSlot> slot) {
  std::unique_ptr<Connection> made{new Connection{context, socket, {}}};
  SSL_set_connect_state(made->ssl_);
  if (slot && slot->session != nullptr) SSL_set_session(made->ssl_, slot->session);
  made->slot_ = std::move(slot);
  return made;
}

Connection::~Connection() { SSL_free(ssl_); }

/// OpenSSL takes records until one brings something to be read or the socket is empty, which
/// whoever sends fast enough sees to that it never is: new keys, and new keys again, and nobody
/// else is served meanwhile. Here is the only place where that can be stopped after any record.
void Connection::on_message(int written, int, int kind, const void*, std::size_t, SSL* ssl,
                            void* self) {
  if (written != 0 || kind != SSL3_RT_HEADER) return;
  auto& connection = *static_cast<Connection*>(self);
  if (!connection.established_ || ++connection.bio_->idle_records <= kMostIdleRecords) return;
  SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

bool Connection::was_flooded() const { return bio_->idle_records > kMostIdleRecords; }

Connection::Step Connection::shake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) {
    established_ = true;
    bio_->state.settled = true;
    return Step::Done;
  }
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return Step::WantRead;
    case SSL_ERROR_WANT_WRITE:
      return Step::WantWrite;
    default:
      return fail(result);
  }
}

Connection::Step Connection::fail(int) {
  broken_ = true;
  const auto code = ERR_peek_error();
  const int reason = ERR_GET_REASON(code);
  plain_http_ = reason == SSL_R_HTTP_REQUEST;
  failure_ = code == 0 ? Failure::Closed : failure_of(reason);
  if (unknown_name_) failure_ = Failure::UnknownName;
  const auto verdict = SSL_get_verify_result(ssl_);
  reason_ = take_openssl_error();
  if (code == 0)
    reason_ =
        bio_->state.error != 0 ? std::strerror(bio_->state.error) : "the connection was closed";
  if (failure_ == Failure::Certificate && verdict != X509_V_OK)
    reason_ = X509_verify_cert_error_string(verdict);
  return Step::Failed;
}

Agreed Connection::agreed() const {
  return {SSL_version(ssl_) == TLS1_3_VERSION, SSL_session_reused(ssl_) == 1};
}

std::string_view Connection::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool Connection::serves(std::string_view authority) const {
  return !state_ || state_->serves(site_, server_name_, authority);
}

std::string_view Connection::hsts() const { return state_ ? std::string_view{state_->hsts} : ""; }

ClientIdentity Connection::client() const {
  ClientIdentity identity;
  if (const auto* const shown = SSL_get0_peer_certificate(ssl_)) {
    identity.subject = subject_of(shown);
    identity.fingerprint = fingerprint_of(shown);
  }
  return identity;
}

/// What an operation that did not succeed means for a reader.
net::Layer::Got Connection::ended(int result) {
  if (was_flooded()) {
    broken_ = true;
    ERR_clear_error();
    return {asio::error::connection_reset, 0};
  }
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {asio::error::would_block, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {asio::error::eof, 0};
    default:
      broken_ = true;
      ERR_clear_error();
      // Without a word of the other side that it has ended, nobody knows that nothing is missing
      // (RFC 9112 §9.8).
      return {bio_->state.error != 0
                  ? error_code{bio_->state.error, boost::system::system_category()}
                  : error_code{asio::error::connection_reset},
              0};
  }
}

net::Layer::Got Connection::read(std::span<char> space) {
  ERR_clear_error();
  std::size_t count = 0;
  const int result = SSL_read_ex(ssl_, space.data(), space.size(), &count);
  if (result != 1) {
    const auto got = ended(result);
    if (got.error == asio::error::would_block) bio_->state.flush();
    return got;
  }
  bio_->idle_records = 0;
  return {{}, count, bio_->state.drained && SSL_has_pending(ssl_) == 0};
}

std::optional<net::Seen> Connection::look() {
  if (!established_) return std::nullopt;
  ERR_clear_error();
  char octet = 0;
  std::size_t count = 0;
  const int result = SSL_peek_ex(ssl_, &octet, 1, &count);
  if (result == 1) return net::Seen::Octets;
  if (ended(result).error == asio::error::would_block) return std::nullopt;
  return net::Seen::End;
}

bool Connection::is_holding() const {
  return SSL_has_pending(ssl_) != 0 || !bio_->state.early.empty();
}

bool Connection::sends_plain() const { return bio_->state.kernel && !broken_ && !ended_; }

error_code Connection::write(net::Pieces& pieces) {
  // By way of OpenSSL it would be copied once more, and what did not go at once be expected again
  // at the same address; and a client's wish for new keys (RFC 8446 §4.6.3) be answered, by which
  // the kernel would not go (none does before Linux 6.14).
  if (sends_plain()) {
    const auto before = pieces.total();
    const auto error = net::send_now(bio_->state.socket, pieces, bio_->state.last);
    if (pieces.total() < before) bio_->idle_records = 0;
    return error;
  }
  auto& state = bio_->state;
  while (!pieces.empty()) {
    if (broken_ || ended_) return asio::error::broken_pipe;
    if (bio_->owed > 0) {
      state.flush();
    } else {
      const auto run = gather(pieces);
      ERR_clear_error();
      const int result = SSL_write_ex(ssl_, run.data(), run.size(), &bio_->owed);
      if (result != 1) {
        bio_->owed = 0;
        const int error = SSL_get_error(ssl_, result);
        if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ) return {};
        broken_ = true;
        ERR_clear_error();
        if (state.error == 0) return asio::error::broken_pipe;
      }
    }
    if (state.error != 0) {
      broken_ = true;
      return {state.error, boost::system::system_category()};
    }
    if (!state.held.empty()) return {};  // the socket has no place for more
    bio_->idle_records = 0;
    pieces.consume(std::exchange(bio_->owed, 0));
  }
  return {};
}

void Connection::will_end() { bio_->state.last = true; }

/// What does not go at once is lost with the connection: nothing but the word of its end, unless
/// the kernel encrypts. That takes octets for which the socket has no place yet, and an end would
/// leave them behind, the last of an answer.
void Connection::end() {
  if (ended_ || broken_ || !established_) return;
  end_waits_ = bio_->state.kernel && !bio_->state.has_place();
  if (end_waits_) return;
  ended_ = true;
  bio_->state.last = true;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

int Connection::on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto& self = *static_cast<Connection*>(SSL_get_app_data(ssl));
  if (!self.slot_) return 0;
  SSL_SESSION_free(self.slot_->session);
  // A copy: the connection's own is spoilt when the other side leaves without a word.
  self.slot_->session = SSL_SESSION_dup(session);
  return 0;
}

SessionSlot::~SessionSlot() { SSL_SESSION_free(session); }

}  // namespace lb::tls
