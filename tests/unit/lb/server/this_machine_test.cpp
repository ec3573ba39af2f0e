#include "lb/server/this_machine.hpp"

#include "tests/support/catch.hpp"

namespace lb::server {
namespace {

common::SocketAddress at(const char* text) { return *common::SocketAddress::parse(text); }

TEST_CASE("Sockets that listen are read out of the kernel's table", "[lb][server]") {
  const auto found = listening_sockets(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "4711 1 0000000000000000 100 0 0 10 0\n"
      "   1: 0100007F:1F91 0100007F:0050 01 00000000:00000000 00:00000000 00000000     0        0 "
      "4712 1\n"
      "   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A "
      "00000000:00000000 00:00000000 00000000   998        0 4713 1\n"
      "   3: 0100007F 0\n"
      "   4: 0100007G:1F90 00000000:0000 0A 0 0 0 0 0 4714\n");
  CHECK(found ==
        std::vector<ListeningSocket>{{at("127.0.0.1:8080"), 4711}, {at("[::1]:80"), 4713}});
  CHECK(listening_sockets("").empty());
}

TEST_CASE("A socket is in the way of its own address and of all", "[lb][server]") {
  CHECK(is_in_the_way(at("127.0.0.1:80"), at("127.0.0.1:80")));
  CHECK(is_in_the_way(at("0.0.0.0:80"), at("127.0.0.1:80")));
  CHECK(is_in_the_way(at("127.0.0.1:80"), at("0.0.0.0:80")));
  CHECK(is_in_the_way(at("[::]:80"), at("[::1]:80")));
  CHECK_FALSE(is_in_the_way(at("127.0.0.1:80"), at("127.0.0.1:81")));
  CHECK_FALSE(is_in_the_way(at("127.0.0.1:80"), at("127.0.0.2:80")));
  CHECK_FALSE(is_in_the_way(at("[::]:80"), at("0.0.0.0:80")));
}

TEST_CASE("An address of nobody here is told, and a file that cannot be", "[lb][server]") {
  const ThisMachine machine;
  CHECK(machine.against_listening(at("192.0.2.1:80")) == "192.0.2.1 is no address of this machine");
  CHECK(machine.against_listening(at("127.0.0.1:0")).empty());
  CHECK(machine.against_writing("/tmp") == "/tmp is a folder");
  CHECK(machine.against_writing("/nowhere/x.log") == "there is no folder /nowhere");
  CHECK(machine.against_writing("/dev/null/x.log") == "there is no folder /dev/null");
  CHECK(machine.against_writing("/tmp/none-yet.log").empty());
  CHECK(machine.against_writing("/dev/null").empty());
}

}  // namespace
}  // namespace lb::server
