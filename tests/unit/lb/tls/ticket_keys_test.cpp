#include "lb/tls/ticket_keys.hpp"

#include "tests/support/catch.hpp"

namespace lb::tls {
namespace {

TEST_CASE("Ticket keys come back as they were written", "[lb][tls]") {
  const auto keys = rotated(rotated({}, 3), 3);
  REQUIRE(keys.size() == 2);
  CHECK_FALSE(keys[0] == keys[1]);
  std::string wrong;
  CHECK(parse_ticket_keys(ticket_keys_text(keys), wrong) == keys);
  CHECK(wrong.empty());
}

TEST_CASE("A rotation puts a key in front and forgets the oldest", "[lb][tls]") {
  const auto before = rotated(rotated(rotated({}, 3), 3), 3);
  const auto after = rotated(before, 3);
  REQUIRE(after.size() == 3);
  CHECK(after[1] == before[0]);
  CHECK(after[2] == before[1]);
}

TEST_CASE("What is no file of ticket keys is told with its line", "[lb][tls]") {
  std::string wrong;
  CHECK(parse_ticket_keys("# nothing\n\n", wrong).empty());
  CHECK(wrong == "it holds no key");
  wrong.clear();
  CHECK(parse_ticket_keys("# x\nc2hvcnQ=\n", wrong).empty());
  CHECK(wrong == "line 2 is no key");
  wrong.clear();
  auto text = ticket_keys_text(rotated({}, 1));
  text.back() = '!';
  CHECK(parse_ticket_keys(text, wrong).empty());
  wrong.clear();
  std::string many;
  for (std::size_t i = 0; i <= kMostTicketKeys; ++i) many += ticket_keys_text(rotated({}, 1));
  CHECK(parse_ticket_keys(many, wrong).empty());
  CHECK(wrong.find("more than 16") != std::string::npos);
}

TEST_CASE("A process's own keys renew themselves and open what they closed before", "[lb][tls]") {
  OwnTicketKeys own;
  const auto first = own.keys(0)->front();
  CHECK(own.keys(OwnTicketKeys::kRenewAfter - 1)->front() == first);
  const auto later = own.keys(OwnTicketKeys::kRenewAfter);
  CHECK_FALSE(later->front() == first);
  CHECK((*later)[1] == first);
}

}  // namespace
}  // namespace lb::tls
