#include "tests/contract/store_fixture.hpp"
#include "tests/support/catch.hpp"

using namespace booking;
using store::PhotoOutcome;
using store::PhotoRefusal;

namespace {

store::PhotoUpload upload(std::size_t count, char first = 'a') {
  store::PhotoUpload made{.photos = {}, .now = common::wall_now()};
  for (std::size_t i = 0; i < count; ++i) {
    std::string content(3000, static_cast<char>(first + static_cast<char>(i)));
    content[1] = '\0';
    made.photos.push_back({content, 640, 480});
  }
  return made;
}

store::TokenHash draft_token() {
  store::TokenHash hash{};
  for (auto& octet : hash) octet = static_cast<std::uint8_t>(store::system_entropy());
  return hash;
}

PhotoOutcome add(store::Store& db, store::PhotoUpload photos) {
  return await<PhotoOutcome>(db.add_photos(std::move(photos))).value();
}

}  // namespace

TEST_CASE("Photos of a draft become the booking's, and more are added later", "[store][photos]") {
  const auto db = any_store();
  const auto draft = draft_token();
  auto photos = upload(2);
  photos.draft = draft;
  REQUIRE(std::get<std::vector<store::Photo>>(add(*db, photos)).size() == 2);
  auto command = new_booking();
  command.draft = draft;
  const auto outcome = await<store::CreateOutcome>(db->create_booking(command)).value();
  const auto number = std::get<store::Created>(outcome).receipt.number;
  CHECK(await<std::vector<store::Photo>>(db->photos_of_draft(draft))->empty());

  auto later = upload(3, 'm');
  later.number = number;
  later.phone = command.request.phone;
  const auto all = std::get<std::vector<store::Photo>>(add(*db, later));
  REQUIRE(all.size() == 5);
  CHECK(all.front().width == 640);
  const auto shown = await<std::optional<store::PhotoContent>>(db->photo_content(all[2].id));
  CHECK(shown->value().octets == later.photos[0].content);
  CHECK(shown->value().booking == number);
  auto sixth = upload(1, 'z');
  sixth.number = number;
  sixth.phone = later.phone;
  CHECK(std::get<PhotoRefusal>(add(*db, sixth)) == PhotoRefusal::TooMany);
  later.phone = new_booking().request.phone;
  CHECK(std::get<PhotoRefusal>(add(*db, later)) == PhotoRefusal::NotFound);
}

TEST_CASE("A photo that is sent again is there once", "[store][photos]") {
  const auto db = any_store();
  auto photos = upload(3);
  photos.draft = draft_token();
  const auto first = std::get<std::vector<store::Photo>>(add(*db, photos));
  REQUIRE(first.size() == 3);
  // Back to the form, with one more chosen; the others are of the same size.
  photos.photos.push_back(upload(1, 'x').photos.front());
  const auto again = std::get<std::vector<store::Photo>>(add(*db, photos));
  REQUIRE(again.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) CHECK(again[i].id == first[i].id);
  CHECK(std::get<std::vector<store::Photo>>(add(*db, photos)).size() == 4);
}

TEST_CASE("A look has each wish, photo and step of a booking once, in its order",
          "[store][photos]") {
  const auto db = any_store();
  auto command = new_booking();
  const auto day = command.request.preferred.at(0).date;
  command.request.preferred = {{day, core::DayPart::Any},
                               {day, core::DayPart::Morning},
                               {day, core::DayPart::Afternoon, std::chrono::hours{14}}};
  const auto outcome = await<store::CreateOutcome>(db->create_booking(command)).value();
  const auto number = std::get<store::Created>(outcome).receipt.number;
  auto photos = upload(3);
  photos.number = number;
  photos.phone = command.request.phone;
  const auto kept = std::get<std::vector<store::Photo>>(add(*db, photos));
  store::Transition quote{
      .number = number,
      .move = core::Move::Quote,
      .estimate = core::Estimate{{{"수리", 30000}}, "", command.now + std::chrono::hours{48}},
      .actor = {"owner", "192.0.2.7"},
      .now = command.now};
  for (int i = 0; i < 2; ++i) {
    quote.now += std::chrono::minutes{1};
    const auto moved = await<store::MoveOutcome>(db->move(quote)).value();
    REQUIRE(std::holds_alternative<store::Moved>(moved));
  }

  store::GuestLook look{.subjects = {unique_name("lookup-"), unique_name("lookup-")},
                        .may = [](const auto&) { return true; },
                        .number = number,
                        .phone = command.request.phone};
  await<store::LoginFailures>(
      db->record_login_failure(look.subjects[1], command.now, std::chrono::hours{1}));
  const auto looked = await<store::Looked>(db->look_up(look)).value();
  CHECK(looked.failures[0].count == 0);
  CHECK(looked.failures[1].count == 1);
  REQUIRE(looked.found);
  CHECK(looked.found->booking.request == command.request);
  CHECK(looked.found->booking.estimate->total() == 30000);
  const auto& story = looked.found->story;
  REQUIRE(story.photos.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(story.photos[i].id == kept[i].id);
  REQUIRE(story.events.size() == 3);
  CHECK(story.events[0].move == core::Move::Request);
  CHECK(story.events[1].at < story.events[2].at);

  look.phone = new_booking().request.phone;
  const auto stranger = await<store::Looked>(db->look_up(look)).value();
  CHECK(stranger.let);
  CHECK(stranger.failures[1].count == 1);
  CHECK_FALSE(stranger.found);
}

TEST_CASE("Uploads at once never make more than five", "[store][photos]") {
  const auto db = any_store();
  const auto draft = draft_token();
  std::vector<store::Awaitable<PhotoOutcome>> operations;
  for (int i = 0; i < 12; ++i) {
    auto one = upload(1, static_cast<char>('a' + i));
    one.draft = draft;
    operations.push_back(db->add_photos(std::move(one)));
  }
  int taken = 0;
  for (const auto& outcome : await_all<PhotoOutcome>(std::move(operations))) {
    REQUIRE(outcome);
    taken += std::holds_alternative<std::vector<store::Photo>>(*outcome) ? 1 : 0;
  }
  CHECK(taken == 5);
  CHECK(await<std::vector<store::Photo>>(db->photos_of_draft(draft))->size() == 5);
}
