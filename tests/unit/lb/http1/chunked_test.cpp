#include "lb/http1/chunked.hpp"

#include "tests/support/catch.hpp"

#include <optional>
#include <random>
#include <string>

namespace {

using namespace lb;
using http1::Errc;

constexpr http1::Limits kLimits;

struct Decoded {
  std::string content;
  bool finished{false};
  std::size_t consumed{0};
  std::optional<Errc> refusal;
  bool operator==(const Decoded&) const = default;
};

/// Feeds `octets` in pieces that end at the positions of `cuts`.
Decoded decode(std::string_view octets, const std::vector<std::size_t>& cuts = {}) {
  http1::ChunkedDecoder decoder{kLimits};
  Decoded out;
  std::size_t begin = 0;
  auto ends = cuts;
  ends.push_back(octets.size());
  for (const auto end : ends) {
    auto piece = octets.substr(begin, end - begin);
    begin = end;
    while (!piece.empty() && !decoder.finished()) {
      const auto step = decoder.next(piece);
      if (!step) {
        out.refusal = step.error();
        return out;
      }
      out.content += step->content;
      out.consumed += step->consumed;
      piece.remove_prefix(step->consumed);
    }
  }
  out.finished = decoder.finished();
  return out;
}

}  // namespace

TEST_CASE("Chunks become content", "[lb][http1][rfc9112-7.1]") {
  const std::string octets = "5\r\nhello\r\nA;x=y\r\n, chunked!\r\n0\r\nTrailer: x\r\n\r\nNEXT";
  const auto out = decode(octets);
  CHECK(out.finished);
  CHECK(out.content == "hello, chunked!");
  CHECK(out.consumed == octets.size() - 4);
  CHECK(decode("0\r\n\r\n") == Decoded{"", true, 5, {}});
}

TEST_CASE("However chunks are split, the content is the same", "[lb][http1]") {
  const std::string octets = "5;a=\"b\"\r\nhello\r\n00c\r\n, chunked on\r\n0\r\nT: u\r\nV:\r\n\r\n";
  const auto whole = decode(octets);
  REQUIRE(whole.finished);
  for (std::size_t first = 0; first <= octets.size(); ++first)
    for (std::size_t second = first; second <= octets.size(); ++second)
      REQUIRE(decode(octets, {first, second}) == whole);
}

TEST_CASE("Security 6: sizes and line ends of chunks have one form", "[lb][http1][rfc9112-7.1]") {
  using std::string;
  for (const string& octets : std::vector<string>{"\r\n",
                                                  ";\r\n",
                                                  "g\r\n",
                                                  "-1\r\n",
                                                  "+1\r\n",
                                                  "0x5\r\nhello\r\n",
                                                  " 5\r\nhello\r\n",
                                                  "5 \r\nhello\r\n",
                                                  "5\t;x\r\nhello\r\n",
                                                  "5\nhello\r\n",
                                                  "5\r\nhello0\r\n\r\n",
                                                  "5\r\nhello\n0\r\n\r\n",
                                                  "5\r\nhello\rx",
                                                  "5\rx",
                                                  "5;a\nb\r\nhello\r\n",
                                                  string("5;a\0b\r\n", 7),
                                                  "FFFFFFFFFFFFFFFF\r\n",
                                                  "10000000000000005\r\n",
                                                  "0000000000000000000005\r\n",
                                                  "0\r\n\n",
                                                  "0\r\n\rx",
                                                  "0\n\r\n"}) {
    CAPTURE(octets);
    CHECK(decode(octets).refusal == Errc::BadChunk);
  }
}

TEST_CASE("Security 7: extensions are bounded in a line and in the whole", "[lb][http1]") {
  CHECK(decode("1;" + std::string(300, 'a')).refusal == Errc::ChunkExtensionsTooLarge);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "1;" + std::string(100, 'a') + "\r\nx\r\n";
  CHECK(decode(many).refusal == Errc::ChunkExtensionsTooLarge);
}

TEST_CASE("Security 8: trailers are bounded, well-formed and dropped",
          "[lb][http1][rfc9112-7.1.2]") {
  CHECK(decode("0\r\nA: " + std::string(5000, 'a')).refusal == Errc::TrailersTooLarge);
  for (const char* trailer : {"A : b", "no colon", ": b", " A: b", "A: b\x01"}) {
    CAPTURE(trailer);
    CHECK(decode(std::string{"0\r\n"} + trailer + "\r\n\r\n").refusal == Errc::BadChunk);
  }
  CHECK(decode("0\r\nContent-Length: 5\r\nHost: x\r\n\r\n").content.empty());
}

TEST_CASE("Our own chunks are read back", "[lb][http1]") {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{70'000}}) {
    const std::string content(size, 'c');
    const auto octets = std::string{http1::ChunkHead{size}.text()} + content +
                        std::string{http1::kChunkEnd} + std::string{http1::kLastChunk};
    const auto out = decode(octets);
    CHECK(out.finished);
    CHECK(out.content == content);
  }
}
