#include "app/pair/relay_log.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/app/pair/seen_pair.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace booking::pair {
namespace {

using testing::position;

using Events = std::vector<std::pair<std::string_view, std::string_view>>;

RelayLog read(const Events& events) {
  RelayLog log;
  for (const auto& [type, info] : events) log.add(type, info);
  return log;
}

const Events kWhole{{"Format_desc", "Server ver: 10.11, Binlog ver: 4"},
                    {"Rotate", "binlog.000002;pos=4"},
                    {"Gtid_list", "[0-31-6]"},
                    {"Gtid", "BEGIN GTID 0-31-7 cid=12"},
                    {"Table_map", "table_id: 5 (bookd.booking)"},
                    {"Write_rows_v1", "table_id: 5 flags: STMT_END_F"},
                    {"Xid", "COMMIT /* xid=9 */"}};

Events with(Events events, const Events& more) {
  events.insert(events.end(), more.begin(), more.end());
  return events;
}

TEST_CASE("A relay log ends with its last whole transaction") {
  const auto log = read(kWhole);
  CHECK(log.end() == position("0-31-7"));
  CHECK(log.first() == Gtid{0, 31, 7});
  CHECK_FALSE(log.broken());
  const auto cut =
      read(with(kWhole, {{"Gtid", "BEGIN GTID 0-31-8"}, {"Table_map", "table_id: 5"}}));
  CHECK(cut.end() == position("0-31-7"));
  CHECK_FALSE(cut.broken());
}

TEST_CASE("Each way in which a transaction ends is known") {
  const Events schema{{"Gtid", "GTID 0-31-8"}, {"Query", "use `bookd`; CREATE TABLE t (i INT)"}};
  CHECK(read(with(kWhole, schema)).end() == position("0-31-8"));
  for (const auto* end : {"COMMIT", "ROLLBACK"}) {
    const Events other{{"Gtid", "BEGIN GTID 0-31-8"}, {"Query", "SAVEPOINT a"}, {"Query", end}};
    CHECK(read(with(kWhole, other)).end() == position("0-31-8"));
  }
  const Events open{{"Gtid", "BEGIN GTID 0-31-8"}, {"Query", "SAVEPOINT a"}};
  CHECK(read(with(kWhole, open)).end() == position("0-31-7"));
}

TEST_CASE("A transaction that goes on in the next file counts, one that is sent anew as well") {
  const Events head{{"Gtid", "BEGIN GTID 0-31-8"}, {"Table_map", "table_id: 5"}};
  const Events next_file{{"Rotate", "relay.000003;pos=4"}, {"Format_desc", "Server ver: 10.11"}};
  const Events tail{{"Write_rows_v1", "table_id: 5"}, {"Xid", "COMMIT /* xid=10 */"}};
  const auto cut = with(with(kWhole, head), next_file);
  CHECK(read(with(cut, tail)).end() == position("0-31-8"));
  CHECK(read(with(cut, with(head, tail))).end() == position("0-31-8"));
}

TEST_CASE("What follows on from an earlier log is what it has at the least") {
  CHECK(read({{"Gtid_list", "[0-31-6,\n1-31-2]"}}).end() == position("0-31-6,1-31-2"));
  CHECK(read({{"Gtid_list", "[]"}}).end().empty());
  CHECK_FALSE(read({{"Gtid_list", "[]"}}).broken());
}

TEST_CASE("What is not understood is told, since there may be more") {
  for (const auto& [type, info] : Events{{"Gtid", "BEGIN"},
                                         {"Gtid", "BEGIN GTID 0-31"},
                                         {"Gtid_list", "0-31-6"},
                                         {"Gtid_list", "[0-31]"}}) {
    INFO(info);
    const auto log = read(with(kWhole, {{type, info}, {"Xid", "COMMIT"}}));
    CHECK(log.broken());
    CHECK(log.end() == position("0-31-7"));
  }
}

}  // namespace
}  // namespace booking::pair
