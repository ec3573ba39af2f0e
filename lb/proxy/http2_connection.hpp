#pragma once

#include "lb/http2/session.hpp"
#include "lb/net/buffer.hpp"
#include "lb/net/deadline.hpp"
#include "lb/net/intrusive_list.hpp"
#include "lb/proxy/client_connection.hpp"

#include <memory>
#include <optional>

namespace lb::proxy {

class ClientStream;

/// HTTP/2 on a client's connection: an exchange for each of its streams. What the session says is
/// sent, and what it waits for is looked at, in one place, `look_after`, which every change leads
/// to.
class Http2Connection final : http2::SessionUser, net::Deadline {
 public:
  Http2Connection(ClientConnection& client, const http2::Options& options);
  ~Http2Connection() override;

  /// From what has arrived in the client's input until nothing is left to be said to it. No
  /// exchange is under way then.
  net::Awaitable<> run();

  bool has_requests() const { return exchanges_ > 0; }
  common::TimePoint idle_since() const { return session_.idle_since(); }
  /// Answers what has begun, then ends (RFC 9113 §6.8).
  void drain();
  /// Ends it, as others need its room more.
  void shed();
  /// Ends it whatever it does.
  void cut();

 private:
  struct Serving;

  void on_change() override;
  std::array<char, 16> nonce() override;
  void on_deadline() override;

  void look_after();
  bool send(common::TimePoint now);
  net::Awaitable<> send_rest();
  void begin_requests();
  static net::Awaitable<> serve(Http2Connection& connection, std::unique_ptr<ClientStream> stream);
  void count();
  bool is_alone() const { return exchanges_ == 0 && !posted_ && !sending_; }
  void tell_if_alone();

  ClientConnection& client_;
  WorkerContext& worker_;
  std::shared_ptr<Site> site_;
  http2::Session session_;
  net::Buffer output_;
  net::IntrusiveList<ClientStream> streams_;
  std::optional<net::Timer> alone_;  // while that is waited for
  std::size_t exchanges_{0};
  bool posted_{false};   // look_after will be called
  bool sending_{false};  // the socket takes no more at once
  bool over_{false};
};

}  // namespace lb::proxy
