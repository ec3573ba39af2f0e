#include "app/pair/gtid.hpp"

#include "tests/support/catch.hpp"

namespace booking::pair {
namespace {

GtidPosition position(const char* text) { return *GtidPosition::parse(text); }
GtidState state(const char* text) { return *GtidState::parse(text); }

TEST_CASE("A GTID position is read as the server writes it, and nothing else is one") {
  CHECK(position("0-31-1234").to_string() == "0-31-1234");
  CHECK(position("0-31-7,\n1-32-9").to_string() == "0-31-7,1-32-9");
  CHECK(position("").empty());
  for (const auto* text : {"0-31", "0-31-", "x", "0-31-7;", "0-31-7,", "0--31-7", "-1-31-7",
                           "0-31-7x", "4294967296-1-1", "0-31-99999999999999999999"})
    CHECK_FALSE(GtidPosition::parse(text).has_value());
}

TEST_CASE("A position covers another when it is at least as far in every domain") {
  struct {
    const char* have;
    const char* needed;
    bool covers;
    std::uint64_t missing;
  } const rows[] = {
      {"0-31-100", "0-31-100", true, 0},
      {"0-32-101", "0-31-100", true, 0},  // another server went on in the same domain
      {"0-31-99", "0-31-100", false, 1},
      {"", "0-31-100", false, 100},
      {"0-31-100", "", true, 0},
      {"0-31-100", "0-31-100,1-31-3", false, 3},
      {"0-31-100,1-31-3", "0-31-90,1-31-3", true, 0},
  };
  for (const auto& row : rows) {
    INFO(row.have << " covers " << row.needed);
    CHECK(position(row.have).covers(position(row.needed)) == row.covers);
    CHECK(position(row.have).missing(position(row.needed)) == row.missing);
  }
}

TEST_CASE("Joining takes the further one of each domain") {
  CHECK(position("0-31-100,1-31-3").joined(position("0-32-101,1-31-2")).to_string() ==
        "0-32-101,1-31-3");
}

TEST_CASE("A node has parted when a server's newest there is newer than in the other's log") {
  struct {
    const char* node;
    const char* other;
    const char* errant;  // the first; empty: none
  } const rows[] = {
      {"0-31-100", "0-31-100,0-32-130", ""},
      {"0-31-101", "0-31-100,0-32-130", "0-31-101"},  // although 130 is further than 101
      {"0-31-105", "0-31-100,0-32-130", "0-31-101 to 0-31-105"},
      {"0-31-100,0-7-1", "0-31-100,0-32-130", "0-7-1"},
      {"", "0-31-100", ""},
  };
  for (const auto& row : rows) {
    INFO(row.node << " against " << row.other);
    const auto errant = state(row.node).errant(state(row.other));
    CHECK((errant.empty() ? "" : errant.front().to_string()) == row.errant);
  }
}

}  // namespace
}  // namespace booking::pair
