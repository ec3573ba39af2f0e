#include "common/admin_server.hpp"

#include "tests/support/catch.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <thread>

namespace common {
namespace {

using boost::asio::ip::tcp;

struct RunningServer {
  boost::asio::io_context context;
  AdminServer server{context};
  SocketAddress address;
  std::thread thread;

  RunningServer() {
    server.route("/readyz", [] { return AdminAnswer{.status = 503, .body = "draining\n"}; });
    const auto listening = server.listen(*SocketAddress::parse("127.0.0.1:0"));
    REQUIRE(listening.has_value());
    address = *listening;
    thread = std::thread{[this] { context.run(); }};
  }
  ~RunningServer() {
    boost::asio::post(context, [this] { server.stop(); });
    thread.join();
  }
  /// What the server answers until it closes.
  std::string answer(std::string_view request) const {
    boost::asio::io_context own;
    tcp::socket socket{own};
    socket.connect({boost::asio::ip::make_address(address.ip.to_string()), address.port});
    boost::asio::write(socket, boost::asio::buffer(request));
    std::string text;
    boost::system::error_code error;
    boost::asio::read(socket, boost::asio::dynamic_buffer(text), error);
    return text;
  }
};

TEST_CASE("The admin door answers its pages and nothing else", "[common][admin]") {
  const RunningServer running;
  struct Case {
    const char* request;
    const char* status;
    const char* end;
  };
  for (const auto& c : std::vector<Case>{
           {"GET /readyz?verbose HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "503",
            "draining\n"},
           {"HEAD /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "503", "\r\n\r\n"},
           {"GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "404", "/readyz\n"},
           {"POST /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "405",
            "only GET and HEAD\n"},
       }) {
    CAPTURE(c.request);
    const auto answer = running.answer(c.request);
    CHECK(answer.substr(9, 3) == c.status);
    CHECK(answer.ends_with(c.end));
  }
}

TEST_CASE("Hostile octets end their own connection only", "[common][admin]") {
  const RunningServer running;
  CHECK(running.answer("\x16\x03\x01 nonsense\r\n\r\n").empty());
  CHECK(running.answer("GET /" + std::string(2 * AdminServer::kLargestRequest, 'a')).empty());
  CHECK_FALSE(running.answer("GET /readyz HTTP/1.0\r\n\r\n").empty());
}

TEST_CASE("An address in use is an error value", "[common][admin]") {
  const RunningServer running;
  boost::asio::io_context context;
  AdminServer second{context};
  CHECK(second.listen(running.address).error() == boost::asio::error::address_in_use);
}

}  // namespace
}  // namespace common
