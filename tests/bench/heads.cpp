#include "lb/proxy/forwarded_head.hpp"
#include "tests/bench/bench.hpp"

#include <array>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

/// What a forwarded head costs: written anew into one piece, or patched, the client's own octets
/// with others between them, as one writev.
namespace bench {
namespace {

constexpr std::uint64_t kHeads = 300'000;
const std::string kRequest =
    "GET /api/v1/bookings?page=2 HTTP/1.1\r\nHost: www.example.kr\r\nUser-Agent: Mozilla/5.0 (X11; "
    "Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nAccept: text/html,application/xhtml+"
    "xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: ko,en;q=0.5\r\nAccept-Encoding: gzip, "
    "deflate, br\r\nReferer: https://www.example.kr/\r\nConnection: keep-alive\r\nCookie: session="
    "0123456789abcdef0123456789abcdef\r\nUpgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document"
    "\r\nSec-Fetch-Mode: navigate\r\nPriority: u=0, i\r\n\r\n";
constexpr std::string_view kAdded =
    "Via: 1.1 lbd\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: "
    "www.example.kr\r\nX-Request-ID: 0123456789abcdef0123456789abcdef\r\ntraceparent: 00-0123456789"
    "abcdef0123456789abcdef-0123456789abcdef-00\r\n\r\n";

class Pipe {
 public:
  Pipe() { [[maybe_unused]] const int made = ::socketpair(AF_UNIX, SOCK_STREAM, 0, sides_.data()); }
  ~Pipe() {
    for (const int side : sides_) ::close(side);
  }
  void pass(std::vector<iovec>& pieces) {
    [[maybe_unused]] const auto sent =
        ::writev(sides_[0], pieces.data(), static_cast<int>(pieces.size()));
    [[maybe_unused]] const auto read = ::read(sides_[1], drain_.data(), drain_.size());
  }

 private:
  std::array<int, 2> sides_{};
  std::array<char, 4096> drain_{};
};

iovec piece(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

}  // namespace

void heads() {
  Pipe pipe;
  std::vector<iovec> pieces;
  lb::http1::ParsedRequest request;
  [[maybe_unused]] const auto parsed = lb::http1::parse_request(kRequest, {}, request);
  const lb::proxy::ClientOrigin origin{.address = {},
                                       .scheme = "http",
                                       .host = "www.example.kr",
                                       .port = {},
                                       .forwarded_for = "192.0.2.1",
                                       .forwarded = {}};
  std::array<char, 4096> memory;
  const auto write = [&] {
    lb::http1::Writer out{memory};
    lb::proxy::write_request_head(
        out, request, origin,
        {.request_id = "0123456789abcdef0123456789abcdef",
         .peer = "192.0.2.1",
         .upstream = "origin",
         .traceparent = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00"});
    return std::string_view{memory.data(), out.size()};
  };
  measure_calls("a head of 13 fields written anew", kHeads, write);
  measure_calls("the same, and sent", kHeads, [&] {
    pieces.assign({piece(write())});
    pipe.pass(pieces);
  });
  const std::string_view whole{kRequest};
  const auto dropped = whole.find("Connection:");
  const auto behind = whole.find("Cookie:");
  measure_calls("patched: three pieces found and sent", kHeads, [&] {
    // Which lines go was known when the head was parsed; only the cutting is paid for here.
    pieces.assign({piece(whole.substr(0, dropped)),
                   piece(whole.substr(behind, whole.size() - behind - 2)), piece(kAdded)});
    pipe.pass(pieces);
  });
}

}  // namespace bench
