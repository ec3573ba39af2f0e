#include "app/store/sql_error.hpp"

#include "tests/support/catch.hpp"

#include <sqlite3.h>

using booking::store::mariadb_trouble;
using booking::store::sqlite_trouble;
using booking::store::Trouble;

TEST_CASE("Every error number of MariaDB has one meaning", "[app][store]") {
  struct Row {
    unsigned number;
    Trouble trouble;
  };
  const auto row = GENERATE(values<Row>({
      {1062, Trouble::Duplicate}, {1213, Trouble::Deadlock}, {1205, Trouble::LockWait},
      {1290, Trouble::ReadOnly},  {1020, Trouble::Deadlock},  // record has changed since last read
      {1021, Trouble::Broken},    {1114, Trouble::Broken},    // no room on the disk
      {1047, Trouble::Broken},                                // of Galera: no majority
      {1836, Trouble::ReadOnly},  {1053, Trouble::Broken},    // server shutdown
      {1317, Trouble::Broken},                                // query interrupted
      {1927, Trouble::Broken},                                // connection killed
      {2002, Trouble::Broken},    {2003, Trouble::Broken},   {2006, Trouble::Broken},
      {2013, Trouble::Broken},    {2014, Trouble::Broken},  // out of sync: state unknown
      {2026, Trouble::Broken},                              // what a cut TLS connection is called
      {1064, Trouble::Refused},   {1142, Trouble::Missing},  {1146, Trouble::Missing},
      {4025, Trouble::Refused},  // CHECK constraint
      {0, Trouble::Refused},      {1050, Trouble::Exists},   {1061, Trouble::Exists},
  }));
  CAPTURE(row.number);
  CHECK(mariadb_trouble(row.number) == row.trouble);
}

TEST_CASE("Every result code of SQLite has one meaning", "[app][store]") {
  struct Row {
    int code;
    Trouble trouble;
  };
  const auto row = GENERATE(values<Row>({
      {SQLITE_CONSTRAINT_UNIQUE, Trouble::Duplicate},
      {SQLITE_CONSTRAINT_PRIMARYKEY, Trouble::Duplicate},
      {SQLITE_CONSTRAINT_CHECK, Trouble::Refused},
      {SQLITE_CONSTRAINT_FOREIGNKEY, Trouble::Refused},
      {SQLITE_BUSY, Trouble::LockWait},
      {SQLITE_BUSY_SNAPSHOT, Trouble::LockWait},
      {SQLITE_FULL, Trouble::Broken},
      {SQLITE_IOERR_FSYNC, Trouble::Broken},
      {SQLITE_CORRUPT, Trouble::Broken},
      {SQLITE_ERROR, Trouble::Refused},
  }));
  CAPTURE(row.code);
  CHECK(sqlite_trouble(row.code) == row.trouble);
}
