#include "app/dbctl/record_file.hpp"

#include "tests/support/catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace booking::dbctl {
namespace {

class Folder {
 public:
  Folder() {
    std::string name{"/tmp/mainstay-record-XXXXXX"};
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file() const { return (path_ / "record.json").string(); }

 private:
  std::filesystem::path path_;
};

TEST_CASE("A record is read back as it was written, and replaced whole") {
  const Folder folder;
  CHECK_FALSE(read_record(folder.file()).has_value());
  write_record(folder.file(), {3, "db1", true});
  CHECK(read_record(folder.file()) == pair::Record{3, "db1", true});
  write_record(folder.file(), {4, "db2", false});
  CHECK(read_record(folder.file()) == pair::Record{4, "db2", false});
  const pair::Record closed{5, "db1", true, pair::GtidPosition::parse("0-31-17")};
  write_record(folder.file(), closed);
  CHECK(read_record(folder.file()) == closed);
}

TEST_CASE("One at a time has the lock, and it falls with its holder") {
  const Folder folder;
  auto first = RecordLock::take(folder.file());
  REQUIRE(first);
  CHECK_FALSE(RecordLock::take(folder.file()));
  first.reset();
  CHECK(RecordLock::take(folder.file()));
}

TEST_CASE("What is no record is none") {
  const Folder folder;
  for (const auto* text :
       {"", "{", "[]", "{}", R"({"epoch": -1, "writer": "db1", "in_sync": true})",
        R"({"epoch": 1, "writer": "db1"})",
        R"({"epoch": 1, "writer": "db1", "in_sync": true, "closed_at": "yesterday"})",
        R"({"epoch": "1", "writer": "db1", "in_sync": true})"}) {
    std::ofstream{folder.file()} << text;
    CHECK_FALSE(read_record(folder.file()).has_value());
  }
}

TEST_CASE("A record that cannot be written is an error") {
  CHECK_THROWS_AS(write_record("/nowhere/record.json", {}), std::system_error);
}

}  // namespace
}  // namespace booking::dbctl
