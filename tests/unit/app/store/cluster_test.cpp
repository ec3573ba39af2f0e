#include "app/store/node_choice.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <optional>
#include <string>

using namespace booking::store;

TEST_CASE("Only the writable node that the newest epoch names is written to", "[app][store]") {
  struct Case {
    Standing standing;
    std::int64_t highest;
    const char* refusal;
  };
  const auto one = GENERATE(values<Case>({
      {{.read_only = false, .epoch = 0, .named = true}, 0, ""},  // no dbctl: read_only alone counts
      {{.read_only = true, .epoch = 0, .named = true}, 0, "is read-only"},
      {{.read_only = false, .epoch = 3, .named = true}, 3, ""},
      {{.read_only = true, .epoch = 3, .named = true}, 3, "is read-only"},
      {{.read_only = false, .epoch = 3, .named = false}, 3, "names another node"},
      {{.read_only = false, .epoch = 2, .named = true}, 3, "no primary any more"},
      {{.read_only = false, .epoch = 0, .named = true}, 3, "no primary any more"},
  }));
  const auto refusal = refusal_of(one.standing, one.highest);
  CAPTURE(refusal, one.refusal);
  CHECK(refusal.empty() == std::string{one.refusal}.empty());
  CHECK(refusal.find(one.refusal) != std::string::npos);
}

namespace {

using State = NodeView::State;

NodeView node(const char* name, State state, bool read_only, std::int64_t epoch, bool named) {
  return {.name = name,
          .state = state,
          .standing = {.read_only = read_only, .epoch = epoch, .named = named},
          .why = state == State::Gone ? "connection refused" : ""};
}

}  // namespace

TEST_CASE("A primary that a replica hears and we do not is away from here only", "[app][store]") {
  const auto follower = [](State state) {
    auto view = node("b", state, true, 3, false);
    view.standing.follows = true;
    return view;
  };
  const auto lives = [](const NodeView& first, const NodeView& second) {
    const NodeView nodes[] = {first, second};
    return choose(nodes, 3).primary_lives;
  };
  const auto gone = node("a", State::Gone, true, 0, true);
  CHECK(lives(gone, follower(State::Answers)));
  CHECK_FALSE(lives(gone, node("b", State::Answers, true, 3, false)));
  CHECK_FALSE(lives(gone, follower(State::Silent)));
  // A switchover is under way: both are closed, and nobody is away.
  CHECK_FALSE(lives(node("a", State::Answers, true, 3, true), follower(State::Answers)));
  CHECK_FALSE(lives(node("a", State::Answers, false, 3, true), follower(State::Answers)));
}

TEST_CASE("Writes go to the node of the highest epoch, reads elsewhere only while it is away",
          "[app][store]") {
  struct Case {
    const char* name;
    NodeView first;
    NodeView second;
    std::optional<std::size_t> writer;
    std::optional<std::size_t> reader;  // while it is away
    bool elsewhere;
  };
  const auto answers = State::Answers;
  const Case cases[] = {
      {"all is well", node("a", answers, false, 3, true), node("b", answers, true, 3, false), 0, 1,
       false},
      {"the primary is gone", node("a", State::Gone, true, 0, true),
       node("b", answers, true, 3, false), std::nullopt, 1, true},
      {"it is silent: perhaps only busy", node("a", State::Silent, false, 3, true),
       node("b", answers, true, 3, false), 0, 1, true},
      {"it is silent, and another one is written to", node("a", State::Silent, false, 3, true),
       node("b", answers, false, 4, true), 1, std::nullopt, false},
      {"a switchover is under way", node("a", answers, true, 3, true),
       node("b", answers, true, 3, false), std::nullopt, 0, true},
      {"the old one is back and open", node("a", answers, false, 3, true),
       node("b", answers, false, 4, true), 1, std::nullopt, false},
      {"the old one is back alone: nothing of it is read", node("a", answers, false, 3, true),
       node("b", State::Gone, true, 0, true), std::nullopt, std::nullopt, true},
      {"both are open and no epoch says which is right", node("a", answers, false, 0, true),
       node("b", answers, false, 0, true), std::nullopt, std::nullopt, true},
      {"nothing was looked at yet", node("a", State::Unseen, true, 0, true),
       node("b", State::Unseen, true, 0, true), std::nullopt, std::nullopt, true},
  };
  for (const auto& one : cases) {
    INFO(one.name);
    const NodeView nodes[] = {one.first, one.second};
    const std::int64_t highest = std::string{one.name}.find("back alone") == std::string::npos
                                     ? std::max(one.first.standing.epoch, one.second.standing.epoch)
                                     : 4;
    const auto choice = choose(nodes, highest);
    CHECK(choice.writer == one.writer);
    CHECK(choice.reads_elsewhere == one.elsewhere);
    CHECK((choice.readers.empty() ? std::nullopt : std::optional{choice.readers.front()}) ==
          one.reader);
    CHECK((choice.writer.has_value() || !choice.reasons.empty()));
  }
}
