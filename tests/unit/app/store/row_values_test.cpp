#include "app/store/row_values.hpp"

#include "app/store/fingerprint.hpp"
#include "app/store/sha256.hpp"
#include "tests/support/catch.hpp"

using namespace booking;

TEST_CASE("Ids are UUIDs of version 7 and sort by time", "[app][store][rfc9562]") {
  const common::WallTime now{std::chrono::milliseconds{0x0123'4567'89AB}};
  const auto id = store::new_id(now, [] { return ~std::uint64_t{0}; });
  CHECK(id == core::BookingId{0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0x7F, 0xFF, 0xBF, 0xFF, 0xFF,
                              0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
  const auto later = store::new_id(now + std::chrono::milliseconds{1}, [] { return 0U; });
  CHECK(later > id);
  CHECK(store::new_id(now, store::system_entropy) != store::new_id(now, store::system_entropy));
}

TEST_CASE("Days, times and octets read back as they were stored", "[app][store]") {
  const auto day = core::parse_date("2026-12-01").value();
  CHECK(store::day_number(day) == 20261201);
  CHECK(store::day_of(20261201) == day);
  const common::WallTime time{std::chrono::microseconds{1'796'086'800'123'456}};
  CHECK(store::wall_time(store::micros(time)) == time);
  const core::BookingId id{0, 1, 0xFF};
  CHECK(store::octets_of<16>(store::blob(id).octets) == id);
}

TEST_CASE("SHA-256 is SHA-256", "[app][store]") {
  const auto digest = store::sha256("abc");  // FIPS 180-4's example
  CHECK(digest[0] == 0xBA);
  CHECK(digest[1] == 0x78);
  CHECK(digest[31] == 0xAD);
}

TEST_CASE("What is asked for otherwise is another request", "[app][store]") {
  const store::Transition asked{.number = core::BookingNumber::from_entropy(7),
                                .move = core::Move::Reschedule};
  auto anyway = asked;
  anyway.anyway = true;
  auto untold = asked;
  untold.tell_guest = false;
  CHECK(store::fingerprint(anyway) != store::fingerprint(asked));
  CHECK(store::fingerprint(untold) != store::fingerprint(asked));
  CHECK(store::fingerprint(untold) != store::fingerprint(anyway));
}
