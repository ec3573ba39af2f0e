#include "app/store/migrations.hpp"

#include "tests/support/catch.hpp"

#include <array>

using namespace booking::store;

namespace {

constexpr std::array<Migration, 3> kKnown{{{1, "one", "CREATE TABLE a (x INTEGER);\n"},
                                           {2, "two", "CREATE TABLE b (x INTEGER);\n"},
                                           {3, "three", "CREATE TABLE c (x INTEGER);\n"}}};

RecordedMigration done(std::size_t index) {
  return {kKnown.at(index).version, std::string{kKnown.at(index).name},
          checksum_of(kKnown.at(index)), true};
}

std::string steps_of(const std::vector<RecordedMigration>& recorded) {
  const auto plan = plan_migrations(kKnown, recorded);
  if (const auto* mismatch = std::get_if<std::string>(&plan)) return *mismatch;
  std::string text;
  for (const auto& step : std::get<MigrationPlan>(plan).steps)
    text += std::to_string(step.migration->version) + (step.resumed ? "r " : " ");
  return text;
}

}  // namespace

TEST_CASE("What is left of the schema's steps is planned", "[app][store]") {
  CHECK(steps_of({}) == "1 2 3 ");
  CHECK(steps_of({done(0)}) == "2 3 ");
  CHECK(steps_of({done(0), done(1), done(2)}).empty());
  auto begun = done(1);
  begun.finished = false;
  CHECK(steps_of({done(0), begun}) == "2r 3 ");
}

TEST_CASE("A recorded schema that is not ours is refused with a reason", "[app][store]") {
  auto changed = done(1);
  changed.checksum[5] = changed.checksum[5] == '0' ? '1' : '0';
  CHECK(steps_of({done(0), changed}) ==
        "schema version 2 was applied with another text than this program's");
  CHECK(steps_of({done(1)}) == "schema version 1 is missing, but a later one was applied");
  CHECK(steps_of({done(0), done(1), done(2), {4, "contract_x", "", true}}) ==
        "schema version 4 is newer than this program, which knows 3");
  auto begun = done(0);
  begun.finished = false;
  CHECK(steps_of({begun, done(1)}) ==
        "schema version 1 was never finished, but a later one was applied");
}

TEST_CASE("A later release's step is none of our business when it only adds", "[app][store]") {
  const RecordedMigration expand{4, "expand_notes", "of another program", true};
  CHECK(steps_of({done(0), done(1), done(2), expand}).empty());
  auto begun = expand;
  begun.finished = false;  // who began it holds what it changes
  CHECK(steps_of({done(0), done(1), done(2), begun}) ==
        "schema version 4 is newer than this program, which knows 3");
  CHECK(steps_of({done(0), done(1), done(2), expand, {5, "contract_notes", "", true}}) ==
        "schema version 5 is newer than this program, which knows 3");
}

TEST_CASE("Statements are split at the semicolons that end lines", "[app][store]") {
  CHECK(split_statements("-- said; before\nA\n  b;\n\nC; d;\n-- end\n") ==
        std::vector<std::string>{"A\n  b", "C; d"});
  CHECK(split_statements("A") == std::vector<std::string>{"A\n"});
  CHECK(split_statements("").empty());
}

namespace {

bool adds_a_column(const std::string& statement) {
  return statement.starts_with("ALTER TABLE ") &&
         statement.find(" ADD COLUMN ") != std::string::npos;
}

}  // namespace

TEST_CASE("The program's own steps are numbered from one without gaps", "[app][store]") {
  std::int64_t expected = 1;
  for (const auto& migration : known_migrations()) {
    CHECK(migration.version == expected++);
    CHECK_FALSE(migration.name.empty());
    const bool only_adds = migration.version == 1 || migration.name.starts_with("expand_");
    CHECK((only_adds || migration.name.starts_with("contract_")));
    for (const auto& statement : split_statements(migration.sql)) {
      const bool adds = statement.starts_with("CREATE ") || adds_a_column(statement);
      CHECK(adds == only_adds);
    }
  }
  CHECK(expected > 1);
}

TEST_CASE("A column that is added may be left out by the release that does not know it",
          "[app][store]") {
  for (const auto& migration : known_migrations()) {
    for (const auto& statement : split_statements(migration.sql)) {
      INFO(statement);
      const bool must_be_given = statement.find(" NOT NULL") != std::string::npos &&
                                 statement.find(" DEFAULT ") == std::string::npos;
      CHECK_FALSE((adds_a_column(statement) && must_be_given));
    }
  }
}

TEST_CASE("A step that has been released never changes", "[app][store]") {
  // A mismatch here means an applied migration was edited: write a new one instead. The sum of a
  // new one is put down here with it (sha256sum).
  constexpr std::array kReleased{
      "e186de6acfd8fef010bd66737fd8aa62bd4898bc989280693800323aaf213a3c",
      "591128d0418526feb56dd4cd416b057a72a171067eebaf0248c8d386ebc8e54e",
      "1fb2ec731e41bf7c89bf4b8976751568b9f4daf92ba8e7f2584dafe0e4fa3136",
      "ac2100c2299efccedccc55e05746644a26717158f9dd9e8a2b6fe08c765424b3",
      "a0815452a68e719528a56eacf9ad0feaba07c58e05a844a095549e31fe90d5c1",
      "f4edf5ca493fa7b9cbdca4323471074049267f73c7cb813b585b359a49064fb8",
      "949083b4f9d030a3a413ef05f303f560b2d97fe220f9788522e349e7471706bc",
      "52caa6e9fa4f88668e60bfac37d8862be51306569d69b8c5ab85e33155e8fd43",
      "9f44354a06544e871e6d8e4c0ffe2dfdeb8a27146726e96d9cbf2255e5f72bde",
      "0b39a7db987ea0f596a90d406f75ae0ca52800559e9889e7a7242dd7869314dd",
      "3f07f097e4e81b1b3e6ab198950ab45d706a660c401d86de3d4ced12da577972",
      "155ade50e8e9543f9ffdc3cfa82399bd1b6d68988b1227c4bac6b9fedd78ff65",
  };
  REQUIRE(known_migrations().size() == kReleased.size());
  for (std::size_t i = 0; i < kReleased.size(); ++i)
    CHECK(checksum_of(known_migrations()[i]) == kReleased.at(i));
}
