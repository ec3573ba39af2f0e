#include "vrrpd/tracking/http_check.hpp"

#include "common/time.hpp"
#include "tests/support/catch.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace vrrp::tracking {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

/// Says the same to everybody who connects.
class Answerer {
 public:
  Answerer(asio::io_context& context, std::string answer)
      : acceptor_{context, {asio::ip::address_v4::loopback(), 0}}, answer_{std::move(answer)} {
    accept();
  }
  common::SocketAddress address() const {
    return {common::IpAddress::v4(0x7F000001), acceptor_.local_endpoint().port()};
  }
  const std::string& asked() const { return asked_; }
  void close() { acceptor_.close(); }

 private:
  struct Connection {
    tcp::socket socket;
    std::string request;
  };
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      auto connection = std::make_shared<Connection>(Connection{std::move(socket), {}});
      asio::async_read_until(connection->socket, asio::dynamic_buffer(connection->request),
                             "\r\n\r\n",
                             [this, connection](boost::system::error_code, std::size_t) {
                               asked_ = connection->request;
                               asio::async_write(connection->socket, asio::buffer(answer_),
                                                 [this, connection](auto, std::size_t) {
                                                   if (answer_.empty()) kept_.push_back(connection);
                                                 });
                             });
      accept();
    });
  }

  tcp::acceptor acceptor_;
  std::string answer_;
  std::string asked_;
  std::vector<std::shared_ptr<Connection>> kept_;  // an empty answer: the connection hangs
};

struct Outcome {
  std::optional<bool> good;
  common::Duration after{};
};

Outcome first_result(asio::io_context& context, const common::SocketAddress& address,
                     std::chrono::milliseconds timeout) {
  Outcome outcome;
  const auto start = common::Clock::now();
  HttpCheck check{
      context,
      {.name = "lbd", .target = HttpTarget{address}, .interval = 60s, .timeout = timeout},
      [&](const Finding& finding) {
        outcome = {finding.good, common::Clock::now() - start};
        context.stop();
      }};
  check.start();
  context.run_for(10s);
  return outcome;
}

TEST_CASE("Only status 200 is good", "[vrrp][tracking]") {
  struct Case {
    std::string answer;
    bool good;
  };
  const auto c = GENERATE(values<Case>({
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n", true},
      {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", false},
      {"HTTP/1.1 204 No Content\r\n\r\n", false},
      {"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", false},
      {"nonsense\r\n\r\n", false},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(8192, 'x') + "\r\n\r\n", false},
  }));
  CAPTURE(c.answer.substr(0, 60));
  asio::io_context context;
  Answerer lbd{context, c.answer};
  CHECK(first_result(context, lbd.address(), 5s).good == c.good);
  CHECK(lbd.asked().starts_with("GET /readyz HTTP/1.1\r\n"));
}

TEST_CASE("A refused connection is bad at once", "[vrrp][tracking]") {
  asio::io_context context;
  Answerer lbd{context, ""};
  const auto address = lbd.address();
  lbd.close();
  const auto outcome = first_result(context, address, 5s);
  CHECK(outcome.good == false);
  CHECK(outcome.after < 2s);
}

TEST_CASE("Silence is bad when the timeout is over", "[vrrp][tracking]") {
  asio::io_context context;
  Answerer lbd{context, ""};
  const auto outcome = first_result(context, lbd.address(), 50ms);
  CHECK(outcome.good == false);
  CHECK(outcome.after >= 50ms);
}

TEST_CASE("It asks again every interval until it is destroyed", "[vrrp][tracking]") {
  asio::io_context context;
  Answerer lbd{context, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
  int results = 0;
  std::unique_ptr<HttpCheck> check;
  check = std::make_unique<HttpCheck>(
      context,
      TrackOptions{
          .name = "lbd", .target = HttpTarget{lbd.address()}, .interval = 10ms, .timeout = 1s},
      [&](const Finding&) {
        if (++results < 3) return;
        check.reset();  // from inside of its own word
        lbd.close();
      });
  check->start();
  context.run_for(10s);
  CHECK(results == 3);
  CHECK(context.stopped());  // nothing is left to run
}

/// Good by the question; what the watch says is told by hand.
class Watched {
 public:
  explicit Watched(asio::io_context& context)
      : context_{context}, acceptor_{context, {asio::ip::address_v4::loopback(), 0}} {
    accept();
  }
  common::SocketAddress address() const {
    return {common::IpAddress::v4(0x7F000001), acceptor_.local_endpoint().port()};
  }
  void say(const std::string& events) { asio::write(*watch_, asio::buffer(events)); }
  void hang_up() { watch_.reset(); }
  bool watched() const { return watch_ != nullptr; }
  void close() { acceptor_.close(); }
  int questions{0};

 private:
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      auto connection = std::make_shared<tcp::socket>(std::move(socket));
      auto request = std::make_shared<std::string>();
      asio::async_read_until(
          *connection, asio::dynamic_buffer(*request), "\r\n\r\n",
          [this, connection, request](boost::system::error_code, std::size_t) {
            if (request->starts_with("GET /readyz/watch ")) {
              watch_ = connection;
              say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ready\n\n");
            } else {
              ++questions;
              asio::write(*connection, asio::buffer("HTTP/1.1 200 OK\r\n\r\n", 19));
            }
          });
      accept();
    });
  }

  asio::io_context& context_;
  tcp::acceptor acceptor_;
  std::shared_ptr<tcp::socket> watch_;
};

template <class Condition>
bool run_until(asio::io_context& context, Condition condition) {
  const auto end = common::Clock::now() + 10s;
  while (!condition() && common::Clock::now() < end) context.run_one_for(100ms);
  return condition();
}

TEST_CASE("What the target says by itself counts at once", "[vrrp][tracking]") {
  asio::io_context context;
  Watched lbd{context};
  std::vector<Finding> findings;
  HttpCheck check{context,
                  {.name = "lbd",
                   .target = HttpTarget{lbd.address(), "/readyz", true},
                   .interval = 60s,
                   .timeout = 5s},
                  [&](const Finding& finding) { findings.push_back(finding); }};
  check.start();
  REQUIRE(run_until(context, [&] { return lbd.watched() && !findings.empty(); }));
  SECTION("not ready, in pieces and between other lines") {
    lbd.say(": still here\n\ndata: not re");
    lbd.say("ady\n\n");
    REQUIRE(run_until(context, [&] { return !findings.back().good; }));
    CHECK(findings.back().at_once);
  }
  SECTION("hung up and alive: another took its place") {
    const auto asked = lbd.questions;
    const auto heard = findings.size();
    lbd.hang_up();
    REQUIRE(run_until(context, [&] { return lbd.questions > asked && findings.size() > heard; }));
    CHECK(findings.back().good);
    CHECK(run_until(context, [&] { return lbd.watched(); }));
  }
  SECTION("hung up and gone") {
    lbd.close();
    lbd.hang_up();
    // A question that was under way may say it first, as a sample.
    CHECK(run_until(context, [&] { return !findings.back().good && findings.back().at_once; }));
  }
}

}  // namespace
}  // namespace vrrp::tracking
