#include "app/store/sql_error.hpp"

#include "tests/support/catch.hpp"

using booking::store::Trouble;
using booking::store::trouble_of;

TEST_CASE("Every error number has one meaning", "[app][store]") {
  struct Row {
    unsigned number;
    Trouble trouble;
  };
  const auto row = GENERATE(values<Row>({
      {1062, Trouble::Duplicate}, {1213, Trouble::Deadlock},
      {1205, Trouble::LockWait},  {1290, Trouble::ReadOnly},
      {1836, Trouble::ReadOnly},  {1053, Trouble::Broken},  // server shutdown
      {1317, Trouble::Broken},                              // query interrupted
      {1927, Trouble::Broken},                              // connection killed
      {2002, Trouble::Broken},    {2003, Trouble::Broken},
      {2006, Trouble::Broken},    {2013, Trouble::Broken},
      {2014, Trouble::Broken},  // out of sync: state unknown
      {2026, Trouble::Broken},  // what a cut TLS connection is called
      {1064, Trouble::Refused},   {1142, Trouble::Refused},
      {1146, Trouble::Refused},   {4025, Trouble::Refused},  // CHECK constraint
      {0, Trouble::Refused},
  }));
  CAPTURE(row.number);
  CHECK(trouble_of(row.number) == row.trouble);
}
