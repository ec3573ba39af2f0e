#include "common/admin_server.hpp"

#include "tests/support/catch.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace common {
namespace {

using boost::asio::ip::tcp;
using Local = boost::asio::local::stream_protocol;

constexpr const char* kToken = "correct-horse-battery-staple";

/// Turns every octet over, a few at a time, after one that opens the connection.
class Mirror final : public AdminLayer {
 public:
  explicit Mirror(int socket) : socket_{socket} {}

  Step shake_hands() override {
    char first = 0;
    if (::recv(socket_, &first, 1, MSG_DONTWAIT) < 0) return {.need = Step::Need::Readable};
    if (first == '!') return {};
    return {.error = boost::asio::error::access_denied};
  }
  Step read(boost::asio::mutable_buffer space) override {
    auto* const out = static_cast<char*>(space.data());
    const auto count = ::recv(socket_, out, std::min<std::size_t>(space.size(), 3), MSG_DONTWAIT);
    if (count < 0) return {.need = Step::Need::Readable};
    if (count == 0) return {.error = boost::asio::error::eof};
    std::transform(out, out + count, out, turned);
    return {.count = static_cast<std::size_t>(count)};
  }
  Step write(boost::asio::const_buffer octets) override {
    std::array<char, 5> some{};
    const auto size = std::min(octets.size(), some.size());
    std::transform(static_cast<const char*>(octets.data()),
                   static_cast<const char*>(octets.data()) + size, some.begin(), turned);
    const auto count = ::send(socket_, some.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) return {.need = Step::Need::Writable};
    return {.count = static_cast<std::size_t>(count)};
  }
  void end() override {}
  std::string peer() const override { return "CN=mirror"; }

  static char turned(char octet) { return static_cast<char>(octet ^ 0x55); }

 private:
  int socket_;
};

std::string mirrored(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), Mirror::turned);
  return text;
}

struct RunningServer {
  boost::asio::io_context context;
  AdminServer server{context};
  SocketAddress address;
  SocketAddress mirrored_address;
  std::atomic<int> asked{0};
  std::thread thread;

  RunningServer() {
    server.route("/readyz", [] { return AdminAnswer{.status = 503, .body = "draining\n"}; });
    server.route("PUT", "/api/things/{}", [](const AdminRequest& request) {
      return AdminAnswer{.body = request.parameters.at(0) + '=' + request.body + '\n'};
    });
    server.route("PUT", "/api/who",
                 [](const AdminRequest& request) { return AdminAnswer{.body = request.peer}; });
    server.stream("/api/events", std::chrono::milliseconds{1},
                  [this] { return "data: " + std::to_string(++asked) + "\n\n"; });
    server.guard({*AdminToken::from_text(kToken), {}});
    const auto listening = server.listen(*SocketAddress::parse("127.0.0.1:0"));
    REQUIRE(listening.has_value());
    address = *listening;
    const auto behind = server.listen({*SocketAddress::parse("127.0.0.1:0"), {}},
                                      [](int socket) { return std::make_unique<Mirror>(socket); });
    REQUIRE(behind.has_value());
    mirrored_address = behind->tcp;
    thread = std::thread{[this] { context.run(); }};
  }
  ~RunningServer() {
    boost::asio::post(context, [this] { server.stop(); });
    thread.join();
  }
  /// What the server answers until it closes.
  std::string answer(std::string_view request) const { return answer_at(address, request); }
  static std::string answer_at(const SocketAddress& where, std::string_view request) {
    boost::asio::io_context own;
    tcp::socket socket{own};
    socket.connect({boost::asio::ip::make_address(where.ip.to_string()), where.port});
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

std::string put(std::string_view body, std::string_view more = {}) {
  return "PUT /api/things/a%20b HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
         "Content-Type: application/json\r\nAuthorization: Bearer " +
         std::string{kToken} + "\r\n" + std::string{more} +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

TEST_CASE("A change is carried out with its content, and refused without the token",
          "[common][admin]") {
  const RunningServer running;
  CHECK(running.answer(put("7")).ends_with("\r\n\r\na b=7\n"));
  CHECK(running.answer(put("7", "Expect: 100-continue\r\n")).starts_with("HTTP/1.1 100 "));
  CHECK(running.answer(put("7", "Origin: http://evil.example\r\n")).substr(9, 3) == "403");
  CHECK(running.answer(put(std::string(AdminServer::kLargestContent, 'x'))).substr(9, 3) == "200");
  CHECK(running.answer(put(std::string(AdminServer::kLargestContent + 1, 'x'))).substr(9, 3) ==
        "413");
  CHECK(running
            .answer("PUT /api/things/a HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                    "Content-Length: 1\r\n\r\n7")
            .substr(9, 3) == "401");
  const auto got =
      running.answer("GET /api/things/a HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  CHECK(got.substr(9, 3) == "405");
  CHECK(got.find("Allow: PUT\r\n") != std::string::npos);
  CHECK(got.find("application/problem+json") != std::string::npos);
}

TEST_CASE("Behind a layer the door is the same, and the log knows who came", "[common][admin]") {
  const RunningServer running;
  const auto answer = [&running](const std::string& request) {
    return mirrored(RunningServer::answer_at(running.mirrored_address, '!' + mirrored(request)));
  };
  const auto long_one = answer(put(std::string(AdminServer::kLargestContent, 'x')));
  CHECK(long_one.ends_with("x\n"));
  CHECK(long_one.size() > AdminServer::kLargestContent);
  CHECK(answer(put(std::string(AdminServer::kLargestContent + 1, 'x'))).substr(9, 3) == "413");
  auto who = put("1");
  who.replace(who.find("/api/things/a%20b"), 17, "/api/who");
  CHECK(answer(who).ends_with(" CN=mirror"));
  CHECK(RunningServer::answer_at(running.mirrored_address, "GET / HTTP/1.1\r\n\r\n").empty());
}

TEST_CASE("A Unix socket is the daemon's and its group's, and an abandoned one is replaced",
          "[common][admin]") {
  std::string folder = "/tmp/admin-socket-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const AdminAddress address{{}, folder + "/s"};
  {
    boost::asio::io_context own;
    const Local::acceptor left_behind{own, Local::endpoint{address.path}};
  }
  boost::asio::io_context context;
  AdminServer server{context};
  server.route("/healthz", [] { return AdminAnswer{.body = "ok\n"}; });
  REQUIRE(server.listen(address).value() == address);
  struct stat made {};
  REQUIRE(::stat(address.path.c_str(), &made) == 0);
  CHECK((made.st_mode & 0777U) == 0660);
  AdminServer second{context};
  CHECK(second.listen(address).error() == boost::asio::error::address_in_use);

  AdminServer next{context};  // as a new binary takes it over
  next.route("/healthz", [] { return AdminAnswer{.body = "new\n"}; });
  REQUIRE(server.descriptors().size() == 1);
  REQUIRE(next.adopt(::dup(server.descriptors().front())).value() == address);
  server.stop(true);
  Local::socket client{context};
  client.connect({address.path});
  std::string text;
  boost::asio::write(client,
                     boost::asio::buffer(std::string_view{"GET /healthz HTTP/1.0\r\n\r\n"}));
  boost::asio::async_read(client, boost::asio::dynamic_buffer(text),
                          [&](auto, auto) { next.stop(); });
  context.run();
  CHECK(text.ends_with("\r\n\r\nnew\n"));
  ::unlink(address.path.c_str());
  CHECK(::rmdir(folder.c_str()) == 0);
}

TEST_CASE("Events go to all who read, and to so many only", "[common][admin]") {
  RunningServer running;
  boost::asio::io_context own;
  const auto connect = [&] {
    tcp::socket socket{own};
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), running.address.port});
    boost::asio::write(socket, boost::asio::buffer(std::string_view{
                                   "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"}));
    return socket;
  };
  const auto until = [](tcp::socket& socket, std::string_view end) {
    std::string text;
    boost::system::error_code error;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), end, error);
    return text;
  };
  std::vector<tcp::socket> readers;
  for (std::size_t i = 0; i < AdminServer::kMostStreams; ++i) {
    readers.push_back(connect());
    const auto head = until(readers.back(), "data: ");
    CHECK(head.find("text/event-stream") != std::string::npos);
    CHECK(head.find("retry: 2000") != std::string::npos);
  }
  auto surplus = connect();
  CHECK(until(surplus, "\r\n").substr(9, 3) == "503");
  for (auto& reader : readers)
    CHECK(until(reader, "\n\ndata: ").find("\n\ndata: ") != std::string::npos);
  readers.clear();
  for (int tries = 0; tries < 1000; ++tries) {  // the places come back when a write has failed
    auto again = connect();
    if (until(again, "\r\n").substr(9, 3) == "200") return;
  }
  FAIL("no place came back");
}

TEST_CASE("Hostile octets end their own connection only", "[common][admin]") {
  const RunningServer running;
  CHECK(running.answer("\x16\x03\x01 nonsense\r\n\r\n").empty());
  CHECK(running.answer("GET /" + std::string(2 * AdminServer::kLargestRequest, 'a')).empty());
  CHECK_FALSE(running.answer("GET /readyz HTTP/1.0\r\n\r\n").empty());
}

TEST_CASE("A crowd at one address does not keep who comes to another out", "[common][admin]") {
  const RunningServer running;
  boost::asio::io_context own;
  std::vector<tcp::socket> crowd;
  const auto& where = running.mirrored_address;
  for (std::size_t i = 0; i < AdminServer::kMostConnections; ++i)
    crowd.emplace_back(own).connect(
        {boost::asio::ip::make_address(where.ip.to_string()), where.port});
  // One that is closed at once says that all before it have been let in.
  CHECK(RunningServer::answer_at(where, "!").empty());
  const auto request = "GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  CHECK(running.answer(request).ends_with("draining\n"));
}

TEST_CASE("An address in use is an error value", "[common][admin]") {
  const RunningServer running;
  boost::asio::io_context context;
  AdminServer second{context};
  CHECK(second.listen(running.address).error() == boost::asio::error::address_in_use);
}

}  // namespace
}  // namespace common
