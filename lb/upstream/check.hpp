#pragma once

#include "lb/net/stream.hpp"
#include "lb/upstream/check_plan.hpp"
#include "lb/upstream/http2_link.hpp"

#include <memory>
#include <optional>
#include <string>

namespace lb::upstream {

/// One check of one endpoint, from its connection to its verdict. `stop` ends it from outside.
class Check : public std::enable_shared_from_this<Check> {
 public:
  /// `home`: of connections of HTTP/2.
  Check(LinkHome home, std::shared_ptr<const CheckPlan> plan, net::asio::ip::tcp::endpoint address);

  /// Nothing when it says nothing about the endpoint: it was stopped, or we have no descriptor to
  /// ask with.
  net::Awaitable<std::optional<CheckReport>> run();
  void stop();

 private:
  net::Awaitable<std::optional<CheckReport>> ask();
  net::Awaitable<std::optional<CheckReport>> connect();
  net::Awaitable<std::optional<CheckReport>> connect_http2();
  net::Stream& stream() { return share_ ? share_->stream : stream_; }
  void close();
  net::Awaitable<bool> send(std::string_view octets);
  net::Awaitable<CheckReport> read_answer();
  net::Awaitable<CheckReport> read_content(http1::BodyLength length, std::string_view begin);
  CheckReport failure(health::ProbeResult result, std::string detail) const;

  LinkHome home_;
  std::shared_ptr<const CheckPlan> plan_;
  net::asio::ip::tcp::endpoint address_;
  net::Stream stream_;
  std::shared_ptr<Http2Link> link_;    // instead of that, when HTTP/2 is spoken
  std::unique_ptr<Connection> share_;  // in it
  net::Timer limit_;
  const char* waits_for_{"a connection"};
  bool late_{false};
  bool stopped_{false};
};

}  // namespace lb::upstream
