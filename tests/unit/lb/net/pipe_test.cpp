#include "lb/net/pipe.hpp"

#include "lb/net/stream.hpp"
#include "tests/support/catch.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <string>
#include <vector>

using namespace lb::net;
using boost::asio::ip::tcp;

namespace {

/// Two ends of a TCP connection on this host; `ours` never blocks.
struct Connected {
  explicit Connected(asio::io_context& context)
      : ours{context.get_executor()}, theirs{context.get_executor()} {
    Acceptor acceptor{context.get_executor(), {asio::ip::address_v4::loopback(), 0}};
    theirs.connect(acceptor.local_endpoint());
    ours.socket() = acceptor.accept();
    ours.make_non_blocking();
  }

  Stream ours;
  Socket theirs;
};

boost::system::error_code fill_when_there_is_something(Stream& from, Pipe& pipe,
                                                       std::uint64_t most) {
  from.socket().wait(Socket::wait_read);
  return from.fill(pipe, most);
}

}  // namespace

TEST_CASE("Octets pass from one stream to another within the kernel", "[lb][net]") {
  asio::io_context context;
  Connected from{context};
  Connected to{context};
  PipePool pool;
  auto pipe = pool.take();
  REQUIRE(pipe);

  CHECK(from.ours.fill(*pipe, 100) == asio::error::would_block);
  asio::write(from.theirs, asio::buffer(std::string{"hello, world"}));
  CHECK_FALSE(fill_when_there_is_something(from.ours, *pipe, 5));
  CHECK(pipe->held() == 5);  // what stands behind the content is not touched
  CHECK_FALSE(to.ours.drain(*pipe));
  CHECK(pipe->held() == 0);
  std::array<char, 5> got{};
  asio::read(to.theirs, asio::buffer(got));
  CHECK(std::string(got.data(), got.size()) == "hello");

  CHECK_FALSE(fill_when_there_is_something(from.ours, *pipe, 100));
  CHECK(pipe->held() == 7);
  to.ours.close();
  CHECK(to.ours.drain(*pipe));
  CHECK(pipe->held() == 7);
  from.theirs.close();
  from.ours.socket().wait(Socket::wait_read);
  auto other = pool.take();
  CHECK(from.ours.fill(*other, 100) == asio::error::eof);
}

TEST_CASE("A pipe that still holds something is not lent again", "[lb][net]") {
  asio::io_context context;
  Connected from{context};
  PipePool pool;
  CHECK(pool.take());
  CHECK(pool.descriptors() == 2);  // it came back empty
  {
    auto pipe = pool.take();
    asio::write(from.theirs, asio::buffer(std::string{"left over"}));
    CHECK_FALSE(fill_when_there_is_something(from.ours, *pipe, 100));
  }
  CHECK(pool.descriptors() == 0);
}

TEST_CASE("So many pipes are lent and no more", "[lb][net]") {
  PipePool pool;
  std::vector<Pipe> lent;
  while (auto pipe = pool.take()) lent.push_back(std::move(*pipe));
  CHECK(lent.size() == PipePool::kMost);
  lent.pop_back();
  CHECK(pool.take());
  lent.clear();
  CHECK(pool.descriptors() == 2 * PipePool::kMostFree);
}
