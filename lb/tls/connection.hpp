#pragma once

#include "lb/net/layer.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace lb::tls {

struct ServerState;
struct SessionSlot;

/// Why a handshake came to nothing.
enum class Failure : std::uint8_t {
  Closed,  // the other side went away
  Timeout,
  NotTls,           // what came is something else
  NothingInCommon,  // no version or cipher of ours
  UnknownName,      // strict, and it named nobody we know
  Certificate,      // the other side's is missing or no good
  Alert,            // the other side did not like ours, or us
  Protocol,         // anything else
};
inline constexpr std::size_t kFailureCount = 8;

/// How one came about.
struct Agreed {
  bool tls13{false};
  bool resumed{false};
};

/// What a client has shown of itself.
struct ClientIdentity {
  std::string subject;      // RFC 2253
  std::string fingerprint;  // SHA-256 of the certificate, hexadecimal
};

/// TLS over the socket of one stream. While nothing is under way it holds no buffers.
class Connection final : public net::Layer {
 public:
  enum class Step : std::uint8_t { Done, WantRead, WantWrite, Failed };

  /// For a client that has connected; `early` came before.
  static std::unique_ptr<Connection> accept(std::shared_ptr<const ServerState> state, int socket,
                                            std::string_view early);
  /// For an endpoint. `slot` keeps what resumes its session, and may be null.
  static std::unique_ptr<Connection> connect(ssl_ctx_st* context, int socket,
                                             std::shared_ptr<SessionSlot> slot);
  ~Connection() override;

  /// Goes on with the handshake as far as it goes at once.
  Step shake();
  bool is_established() const { return established_; }
  /// After `Failed`.
  Failure failure() const { return failure_; }
  /// For a person: `certificate has expired`.
  const std::string& reason() const { return reason_; }
  /// What came was HTTP in the clear.
  bool met_plain_http() const { return plain_http_; }
  Agreed agreed() const;
  /// By ALPN; empty when nothing was agreed on.
  std::string_view protocol() const;
  /// That the client named; empty without one.
  std::string_view server_name() const { return server_name_; }
  /// Whether a request for `authority` may come this way: its certificate has been shown and its
  /// rule for client certificates was met. 421 otherwise (RFC 9110 §15.5.20).
  bool serves(std::string_view authority) const;
  /// What every answer tells of how to come again (RFC 6797); empty: nothing.
  std::string_view hsts() const;
  /// Empty fields when none was shown.
  ClientIdentity client() const;
  /// It was ended, as the other side had sent too many records in which nothing was said.
  bool was_flooded() const;

  Got read(std::span<char> space) override;
  std::optional<net::Seen> look() override;
  bool is_holding() const override;
  boost::system::error_code write(net::Pieces& pieces) override;
  /// The kernel encrypts what we send (kTLS).
  bool sends_plain() const override;
  bool has_unsent() const override { return end_waits_ && !broken_; }
  void will_end() override;
  void end() override;
  void abort() override { broken_ = true; }

 private:
  friend struct ServerState;
  struct Bio;

  Connection(ssl_ctx_st* context, int socket, std::string_view early);
  static void on_message(int written, int version, int kind, const void* octets, std::size_t size,
                         ssl_st* ssl, void* self);
  static int on_new_session(ssl_st* ssl, ssl_session_st* session);
  friend class Client;
  Step fail(int result);
  Got ended(int result);

  std::unique_ptr<Bio> bio_;
  ssl_st* ssl_;
  std::shared_ptr<const ServerState> state_;
  std::shared_ptr<SessionSlot> slot_;
  std::string server_name_;
  std::string reason_;
  std::size_t site_{0};  // of the state: what was chosen by the name
  Failure failure_{Failure::Protocol};
  bool established_{false};
  bool plain_http_{false};
  bool unknown_name_{false};
  bool broken_{false};  // nothing can be said to the other side any more
  bool ended_{false};
  bool end_waits_{false};  // for the kernel to send what it has taken
};

/// The session that an endpoint's next connection may resume. One worker's.
struct SessionSlot {
  SessionSlot() = default;
  SessionSlot(const SessionSlot&) = delete;
  SessionSlot& operator=(const SessionSlot&) = delete;
  ~SessionSlot();
  ssl_session_st* session{nullptr};
};

}  // namespace lb::tls
