#include "tests/unit/vrrpd/handover/ends_of_a_move.hpp"

#include <algorithm>

namespace vrrp::handover {
namespace {

TEST_CASE("A diversion that is refused ends a move before it begins", "[vrrp][handover]") {
  SECTION("of the giver, who goes the plain way at once") {
    auto transfer = acquainted();
    Steps steps;
    REQUIRE(transfer.begin(1, kActive, kStart, steps));
    CHECK(transfer.on_diversion_refused() == Steps{EndDiversion{}});
    CHECK_FALSE(transfer.moving());
    CHECK(transfer.on_deadline(kActive, kStart + 1s).empty());
  }
  SECTION("of the taker, who says so") {
    Transfer transfer{kDrain};
    transfer.on_message(kGiver, word(Kind::Offer, 1), kBackup, kStart);
    CHECK(transfer.on_diversion_refused() == Steps{Say{Kind::Refuse, kGiver, 1}, EndDiversion{}});
    CHECK(transfer.on_message(kGiver, word(Kind::Go, 1), kBackup, kStart).empty());
  }
}

TEST_CASE("A move, as the giver sees it", "[vrrp][handover]") {
  auto transfer = acquainted();
  Steps steps;
  REQUIRE(transfer.begin(1, kActive, kStart, steps));
  CHECK(steps == Steps{Divert{{kTaker, kPlaces}}, Say{Kind::Offer, kTaker, 1}});
  CHECK(transfer.moving());
  // Each word is said again until it is answered.
  CHECK(transfer.on_deadline(kActive, kStart + Transfer::kRepeat) ==
        Steps{Say{Kind::Offer, kTaker, 1}});
  CHECK(transfer.on_advertisement(kTaker, kActive, kStart + 25ms).empty());
  CHECK(transfer.on_message(kTaker, word(Kind::Ready, 1), kActive, kStart + 30ms) ==
        Steps{AwaitSuccessor{}, Say{Kind::Go, kTaker, 1}});
  CHECK(transfer.on_message(kTaker, word(Kind::Ready, 1), kActive, kStart + 31ms).empty());
  CHECK(transfer.on_deadline(kActive, kStart + 50ms) == Steps{Say{Kind::Go, kTaker, 1}});
  CHECK(transfer.on_advertisement(kThird, kActive, kStart + 51ms).empty());
  CHECK(transfer.on_advertisement(kTaker, kActive, kStart + 52ms) == Steps{Withdraw{}});
  CHECK(transfer.holding());
  CHECK_FALSE(transfer.moving());
}

TEST_CASE("A move, as the taker sees it", "[vrrp][handover]") {
  Transfer transfer{kDrain};
  const Steps ready{Divert{{kGiver, kPlaces}}, Say{Kind::Ready, kGiver, 1}};
  CHECK(transfer.on_message(kGiver, word(Kind::Offer, 1), kBackup, kStart) == ready);
  CHECK(transfer.on_message(kGiver, word(Kind::Offer, 1), kBackup, kStart) ==
        Steps{Say{Kind::Ready, kGiver, 1}});
  CHECK(transfer.on_message(kGiver, word(Kind::Go, 2), kBackup, kStart).empty());
  CHECK(transfer.on_message(kGiver, word(Kind::Go, 1), kBackup, kStart) == Steps{TakeOver{}});
  // The giver has not heard us yet.
  CHECK(transfer.on_message(kGiver, word(Kind::Go, 1), kActive, kStart) == Steps{Speak{}});
}

TEST_CASE("Who cannot take over says so, and the giver goes the plain way at once",
          "[vrrp][handover]") {
  const auto self = GENERATE(Self{true, true, {100}}, Self{false, false, {0}});
  Transfer unable{kDrain};
  CHECK(unable.on_message(kGiver, word(Kind::Offer, 1), self, kStart) ==
        Steps{Say{Kind::Refuse, kGiver, 1}});
  auto giver = acquainted();
  Steps steps;
  REQUIRE(giver.begin(1, kActive, kStart, steps));
  CHECK(giver.on_message(kTaker, word(Kind::Refuse, 2), kActive, kStart).empty());
  CHECK(giver.on_message(kTaker, word(Kind::Refuse, 1), kActive, kStart) ==
        Steps{GiveUp{false}, EndDiversion{}});
}

TEST_CASE("Only a fit peer that was heard lately is offered anything, the best first",
          "[vrrp][handover]") {
  Transfer transfer{kDrain};
  Steps steps;
  CHECK_FALSE(transfer.begin(1, kActive, kStart, steps));
  transfer.on_message(kTaker, word(Kind::Hello, 0, 0), kActive, kStart);
  CHECK_FALSE(transfer.begin(1, kActive, kStart, steps));
  transfer.on_message(kTaker, word(Kind::Hello, 0, 50), kActive, kStart);
  transfer.on_message(kThird, word(Kind::Hello, 0, 60), kActive, kStart);
  CHECK(transfer.successor(kStart) == kThird);
  CHECK_FALSE(transfer.successor(kStart + Transfer::kPeerLimit + 1ms));
  CHECK_FALSE(transfer.begin(1, kBackup, kStart, steps));
  CHECK(transfer.begin(1, kActive, kStart, steps));
  CHECK_FALSE(transfer.begin(2, kActive, kStart, steps));
  for (std::uint32_t i = 0; i < 100; ++i)
    transfer.on_message(common::IpAddress::v4(i), word(Kind::Hello), kActive, kStart);
}

TEST_CASE("What is not answered in time ends as it was before", "[vrrp][handover]") {
  SECTION("an offer") {
    auto transfer = acquainted();
    Steps steps;
    transfer.begin(1, kActive, kStart, steps);
    CHECK(transfer.on_deadline(kActive, kStart + Transfer::kOfferLimit) ==
          Steps{GiveUp{false}, EndDiversion{}});
  }
  SECTION("a Go") {
    auto transfer = acquainted();
    Steps steps;
    transfer.begin(1, kActive, kStart, steps);
    transfer.on_message(kTaker, word(Kind::Ready, 1), kActive, kStart);
    CHECK(transfer.on_deadline(kActive, kStart + Transfer::kGoLimit) ==
          Steps{GiveUp{true}, EndDiversion{}});
  }
  SECTION("a Ready") {
    Transfer transfer{kDrain};
    transfer.on_message(kGiver, word(Kind::Offer, 1), kBackup, kStart);
    CHECK(transfer.on_deadline(kBackup, kStart + Transfer::kReadyLimit) == Steps{EndDiversion{}});
    CHECK(transfer.on_message(kGiver, word(Kind::Go, 1), kBackup, kStart + 2s).empty());
  }
}

TEST_CASE("A hold ends with its last connection, not before the neighbours have learned",
          "[vrrp][handover]") {
  auto transfer = holder();
  CHECK(transfer.on_connections(0, kStart + 10ms).empty());
  CHECK(transfer.on_connections(3, kStart + 2s).empty());
  CHECK(transfer.connections() == 3);
  CHECK(transfer.on_connections(0, kStart + 3s) ==
        Steps{Say{Kind::Done, kTaker}, LetGo{}, EndDiversion{}});
  CHECK_FALSE(transfer.holding());
}

TEST_CASE("A hold ends when its time is over, or by a word", "[vrrp][handover]") {
  const Steps end{Say{Kind::Done, kTaker}, LetGo{}, EndDiversion{}};
  auto one = holder();
  one.on_connections(3, kStart + 2s);
  TimePoint now = kStart;
  Steps steps;
  while (steps != end) {
    now = std::max(one.next_deadline(), now);
    REQUIRE(now <= kStart + kDrain);
    steps = one.on_deadline(kBackup, now);
  }
  CHECK(now == kStart + kDrain);
  auto two = holder();
  CHECK(two.abandon() == end);
  CHECK(two.abandon().empty());
}

TEST_CASE("Who holds says Hello, and as long as it does its connections are sent on to it",
          "[vrrp][handover]") {
  auto giver = holder();
  CHECK(giver.on_deadline(kBackup, kStart) == Steps{Say{Kind::Hello, kTaker}});
  CHECK(giver.next_deadline() == kStart + Transfer::kHello);

  auto active = taker();
  auto hello = word(Kind::Hello);
  hello.holding = true;
  active.on_message(kGiver, hello, kActive, kStart + 1s);
  CHECK(active.on_deadline(kActive, kStart + Transfer::kPeerLimit).empty());
  CHECK(active.on_deadline(kActive, kStart + 1s + Transfer::kPeerLimit) == Steps{EndDiversion{}});
  CHECK(active.next_deadline() == TimePoint::max());

  auto told = taker();
  CHECK(told.on_message(kThird, word(Kind::Done), kActive, kStart).empty());
  CHECK(told.on_message(kGiver, word(Kind::Done), kActive, kStart) == Steps{EndDiversion{}});
}

TEST_CASE("A move back in the midst of one changes no table", "[vrrp][handover]") {
  auto first = holder();
  CHECK(first.on_message(kTaker, word(Kind::Offer, 7), kBackup, kStart + 1s) ==
        Steps{Say{Kind::Ready, kTaker, 7}});
  CHECK(first.on_message(kTaker, word(Kind::Go, 7), kBackup, kStart + 1s) ==
        Steps{EndSilence{}, TakeOver{}});
  CHECK_FALSE(first.holding());
  CHECK(first.diverting());

  auto second = taker();
  second.on_message(kGiver, word(Kind::Hello), kActive, kStart + 1s);
  Steps steps;
  REQUIRE(second.begin(7, kActive, kStart + 1s, steps));
  CHECK(steps == Steps{Say{Kind::Offer, kGiver, 7}});
  // And one that fails leaves the connections of the holder where they are.
  CHECK(second.on_deadline(kActive, kStart + 1s + Transfer::kOfferLimit) == Steps{GiveUp{false}});
  CHECK(second.diverting());
}

TEST_CASE("When the other one is gone its connections are nobody's: the kernel resets them",
          "[vrrp][handover]") {
  auto giver = holder();
  CHECK(giver.on_active_alone(kStart + 1s) == Steps{EndSilence{}, EndDiversion{}});
  auto active = taker();
  CHECK(active.on_replaced() == Steps{EndDiversion{}});
  // But a giver that fell silent because it was about to say Go is still there.
  Transfer ready{kDrain};
  ready.on_message(kGiver, word(Kind::Offer, 1), kBackup, kStart);
  CHECK(ready.on_active_alone(kStart).empty());
  CHECK(ready.diverting());
  CHECK(ready.on_deadline(kActive, kStart + Transfer::kPeerLimit) == Steps{EndDiversion{}});
}

TEST_CASE("After a restart the diversion of the last run goes on while its holder is there",
          "[vrrp][handover][restart]") {
  Transfer transfer{kDrain};
  transfer.resume_diversion({kGiver, kPlaces}, kStart);
  CHECK(transfer.diverting());
  CHECK(transfer.on_deadline(kActive, kStart + Transfer::kPeerLimit) == Steps{EndDiversion{}});
}

TEST_CASE("Only an Active Router that can be talked to is asked to hand over", "[vrrp][handover]") {
  Transfer transfer{kDrain};
  Steps steps;
  CHECK_FALSE(transfer.request(kGiver, kStart, steps));
  transfer.on_message(kGiver, word(Kind::Hello), kBackup, kStart);
  CHECK(transfer.request(kGiver, kStart, steps));
  CHECK(steps == Steps{Say{Kind::Request, kGiver}});
  // An echo is answered by who was not known: the session then stands.
  CHECK(transfer.on_message(kThird, word(Kind::Echo), kBackup, kStart) ==
        Steps{Say{Kind::Hello, kThird}});
  CHECK(transfer.on_message(kGiver, word(Kind::Echo), kBackup, kStart).empty());
}

TEST_CASE("A better peer, or who gave the addresses, gets them when it asks, and nobody else",
          "[vrrp][handover]") {
  constexpr Self kSelf{.active = true, .fit = true, .priority = {100}};
  auto transfer = taker();
  CHECK(transfer.grants(kGiver, word(Kind::Request, 0, 50), kSelf));
  CHECK(transfer.grants(kThird, word(Kind::Request, 0, 101), kSelf));
  CHECK_FALSE(transfer.grants(kThird, word(Kind::Request, 0, 100), kSelf));
  CHECK_FALSE(transfer.grants(kGiver, word(Kind::Request, 0, 0), kSelf));
  CHECK_FALSE(transfer.grants(kGiver, word(Kind::Request, 0, 50), kBackup));
  // It gets them though another one is better.
  transfer.on_message(kThird, word(Kind::Hello, 0, 90), kSelf, kStart);
  transfer.on_message(kGiver, word(Kind::Hello, 0, 50), kSelf, kStart);
  Steps steps;
  REQUIRE(transfer.begin(2, kSelf, kStart, steps, kGiver));
  CHECK(steps.back() == Step{Say{Kind::Offer, kGiver, 2}});
  // Once it has been replaced, nobody gave it anything.
  transfer.on_replaced();
  CHECK_FALSE(transfer.grants(kGiver, word(Kind::Request, 0, 50), kSelf));
}

TEST_CASE("The better one of two that are Active tells the lesser one so",
          "[vrrp][handover][word]") {
  struct Case {
    const char* name;
    int theirs;  // ours: 100, at kTaker
    common::IpAddress from;
    bool answered;
  };
  const auto c = GENERATE(values<Case>({{"lesser", 99, kThird, true},
                                        {"better", 101, kGiver, false},
                                        {"equal, lesser address", 100, kGiver, true},
                                        {"equal, greater address", 100, kThird, false}}));
  CAPTURE(c.name);
  constexpr int kOurs = 100;
  const Self self{.active = true, .fit = true, .priority = {kOurs}, .address = kTaker};
  auto hello = word(Kind::Hello, 0, c.theirs);
  hello.active = true;
  Transfer transfer{kDrain};
  const auto steps = transfer.on_message(c.from, hello, self, kStart);
  CHECK(steps == (c.answered ? Steps{Say{Kind::Hello, c.from}} : Steps{}));
  CHECK_FALSE(transfer.successor(kStart));  // it is no Backup
}

TEST_CASE("Who takes over from a silent one says so to it, while it may live",
          "[vrrp][handover][word]") {
  Transfer transfer{kDrain};
  auto hello = word(Kind::Hello, 0, 200);
  hello.active = true;
  transfer.on_message(kGiver, hello, kBackup, kStart);
  transfer.set_active_router(kGiver);
  const Self self{.active = true, .fit = true, .priority = {100}, .address = kTaker};
  transfer.on_active_alone(kStart + 1s);
  CHECK(transfer.on_deadline(self, kStart + 1s) == Steps{Say{Kind::Hello, kGiver}});
  CHECK(transfer.on_deadline(self, kStart + 1500ms) == Steps{Say{Kind::Hello, kGiver}});
  // Not for ever.
  CHECK(transfer.on_deadline(self, kStart + Transfer::kPeerLimit + 1ms).empty());
  CHECK(transfer.next_deadline() == TimePoint::max());
  // A Backup again, it says Hello as before.
  transfer.on_replaced();
  transfer.set_active_router(kGiver);
  CHECK(transfer.on_deadline(kBackup, kStart + 4s) == Steps{Say{Kind::Hello, kGiver}});
}

TEST_CASE("A Backup that is fit again says so at once", "[vrrp][handover][word]") {
  Transfer transfer{kDrain};
  transfer.on_fitness(kStart);  // nobody to say it to
  CHECK(transfer.next_deadline() == TimePoint::max());
  transfer.set_active_router(kGiver);
  CHECK(transfer.on_deadline(kBackup, kStart) == Steps{Say{Kind::Hello, kGiver}});
  REQUIRE(transfer.next_deadline() == kStart + Transfer::kHello);
  transfer.on_fitness(kStart + 1ms);
  CHECK(transfer.next_deadline() == kStart + 1ms);
  CHECK(transfer.on_deadline(kBackup, kStart + 1ms) == Steps{Say{Kind::Hello, kGiver}});
  CHECK(transfer.next_deadline() == kStart + 1ms + Transfer::kHello);
}

TEST_CASE("A rival that nobody knows is looked for while it is there", "[vrrp][handover][word]") {
  Transfer transfer{kDrain};
  transfer.contest(true, kStart);
  CHECK(transfer.on_deadline(kActive, kStart) == Steps{Hail{}});
  CHECK(transfer.next_deadline() == kStart + Transfer::kHello);
  CHECK(transfer.on_message(kThird, word(Kind::Echo), kActive, kStart) ==
        Steps{Say{Kind::Hello, kThird}});
  transfer.contest(false, kStart + 1ms);
  CHECK(transfer.on_deadline(kActive, kStart + Transfer::kHello).empty());
}

TEST_CASE("Who is about to be relieved does not say that it is Active", "[vrrp][handover][word]") {
  auto transfer = acquainted();
  Steps steps;
  REQUIRE(transfer.begin(1, kActive, kStart, steps));
  transfer.on_message(kTaker, word(Kind::Ready, 1), kActive, kStart);
  CHECK(transfer.on_message(kThird, word(Kind::Hello), kActive, kStart).empty());
  CHECK(transfer.on_message(kThird, word(Kind::Echo), kActive, kStart).empty());
}

TEST_CASE("Who asked and is gone is not offered anything: the best is", "[vrrp][handover]") {
  auto transfer = acquainted();
  Steps steps;
  REQUIRE(transfer.begin(1, kActive, kStart, steps, kThird));
  CHECK(steps.back() == Step{Say{Kind::Offer, kTaker, 1}});
}

}  // namespace
}  // namespace vrrp::handover
