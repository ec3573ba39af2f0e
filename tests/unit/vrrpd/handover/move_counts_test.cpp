#include "tests/unit/vrrpd/handover/ends_of_a_move.hpp"

namespace vrrp::handover {
namespace {

TEST_CASE("How a move ended is counted, at both of its ends", "[vrrp][handover]") {
  const auto only = [](MoveEnd end) {
    MoveCounts counts{};
    counts[static_cast<std::size_t>(end)] = 1;
    return counts;
  };
  Steps steps;
  SECTION("of the giver") {
    auto transfer = acquainted();
    REQUIRE(transfer.begin(1, kActive, kStart, steps));
    SECTION("refused") {
      transfer.on_message(kTaker, word(Kind::Refuse, 1), kActive, kStart);
      CHECK(transfer.given() == only(MoveEnd::Refused));
    }
    SECTION("no answer") {
      transfer.on_deadline(kActive, kStart + Transfer::kOfferLimit);
      CHECK(transfer.given() == only(MoveEnd::NoAnswer));
    }
    SECTION("no table") {
      transfer.on_diversion_refused();
      CHECK(transfer.given() == only(MoveEnd::NoTable));
    }
    SECTION("overtaken") {
      transfer.on_replaced();
      CHECK(transfer.given() == only(MoveEnd::Overtaken));
    }
    SECTION("no advertisement") {
      transfer.on_message(kTaker, word(Kind::Ready, 1), kActive, kStart);
      transfer.on_deadline(kActive, kStart + Transfer::kGoLimit);
      CHECK(transfer.given() == only(MoveEnd::NoAdvertisement));
    }
    CHECK(transfer.taken() == MoveCounts{});
  }
  SECTION("of the giver, done, and the next one is that of nobody") {
    CHECK(holder().given() == only(MoveEnd::Done));
    Transfer alone{kDrain};
    CHECK_FALSE(alone.begin(1, kActive, kStart, steps));
    CHECK(alone.given() == only(MoveEnd::NoPeer));
    CHECK_FALSE(alone.begin(1, kBackup, kStart, steps));  // there was nothing to give
    CHECK(alone.given() == only(MoveEnd::NoPeer));
  }
  SECTION("of the taker") {
    CHECK(taker().taken() == only(MoveEnd::Done));
    Transfer transfer{kDrain};
    const bool fit = GENERATE(true, false);
    transfer.on_message(kGiver, word(Kind::Offer, 1), {.active = false, .fit = fit}, kStart);
    if (!fit) CHECK(transfer.taken() == only(MoveEnd::Refused));
    if (!fit) return;
    SECTION("no Go") {
      transfer.on_deadline(kBackup, kStart + Transfer::kReadyLimit);
      CHECK(transfer.taken() == only(MoveEnd::NoAnswer));
    }
    SECTION("Active by itself") {
      transfer.on_active_alone(kStart);
      CHECK(transfer.taken() == only(MoveEnd::Overtaken));
    }
  }
}

}  // namespace
}  // namespace vrrp::handover
