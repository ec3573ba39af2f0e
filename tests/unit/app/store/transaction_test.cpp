#include "app/store/transaction.hpp"

#include "tests/support/catch.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

using namespace booking::store;
using namespace std::chrono_literals;

namespace {

/// Takes everything; keeps what it was told.
class Obliging final : public Session {
 public:
  explicit Obliging(std::vector<std::string>& said) : said_{said} {}

  void begin() override { said_.emplace_back("BEGIN"); }
  void run(const std::string& sql) override { said_.push_back(sql); }
  std::vector<Row> query(const char*, const std::vector<Parameter>&) override { return {}; }
  std::uint64_t execute(const char*, const std::vector<Parameter>&) override { return 0; }
  std::string name() const override { return "obliging"; }

 private:
  std::vector<std::string>& said_;
};

class Sessions final : public Source {
 public:
  std::unique_ptr<Session> open() override {
    ++opened;
    return std::make_unique<Obliging>(said);
  }
  std::uint64_t generation() const override { return 0; }
  void doubt(const SqlError&) override { ++doubts; }
  void wrote(const std::string&) override {
    if (forgets) throw std::bad_alloc{};
  }

  std::vector<std::string> said;
  int opened{0};
  int doubts{0};
  bool forgets{false};
};

struct Rig {
  Sessions source;
  WorkPool pool{source, 1, 1};
  Lane lane{pool, source};
  std::atomic<std::uint64_t> retries{0};

  boost::system::error_code perform(const Work& work, Kind kind = Kind::Write) {
    return booking::store::perform(lane, kind, work, common::Clock::now() + 1min, retries);
  }
};

}  // namespace

TEST_CASE("Whatever an operation throws ends that operation alone", "[app][store]") {
  Rig rig;
  const auto kind = GENERATE(Kind::Read, Kind::Write);
  const auto thrown = rig.perform(
      [](Session&, const Attempt&) -> Ending {
        throw std::out_of_range{"a row that is not there"};
      },
      kind);
  CHECK(thrown == Errc::Internal);
  CHECK(rig.lane.open_session() == nullptr);  // it may stand in the middle of something
  CHECK(rig.source.doubts == 0);
  CHECK(rig.retries == 0);
  CHECK(!rig.perform([](Session&, const Attempt&) { return Ending::Commit; }, kind));
  CHECK(rig.source.opened == 2);
}

TEST_CASE("What throws after a commit was sent has no known outcome", "[app][store]") {
  Rig rig;
  rig.source.forgets = true;
  CHECK(rig.perform([](Session&, const Attempt&) { return Ending::Commit; }) ==
        Errc::UnknownOutcome);
  CHECK(rig.source.said == std::vector<std::string>{"BEGIN", "COMMIT"});
}

TEST_CASE("A value of another kind than asked for ends the operation", "[app][store]") {
  Rig rig;
  const Row row{{std::monostate{}, std::int64_t{7}, std::string{"text"}}};
  const auto ending = [&rig](auto read) {
    return rig.perform([&](Session&, const Attempt&) {
      read();
      return Ending::Commit;
    });
  };
  CHECK(!ending([&] { CHECK((row.is_null(0) && row.integer(1) == 7 && row.text(2) == "text")); }));
  CHECK(ending([&] { row.text(0); }) == Errc::Internal);
  CHECK(ending([&] { row.integer(2); }) == Errc::Internal);
  CHECK(ending([&] { row.is_null(3); }) == Errc::Internal);
  CHECK(std::ranges::count(rig.source.said, "COMMIT") == 1);
}
