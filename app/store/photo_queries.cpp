#include "app/store/photo_queries.hpp"

#include "app/store/booking_queries.hpp"
#include "app/store/row_values.hpp"

#include <algorithm>
#include <utility>

namespace booking::store {
namespace {

constexpr const char* kOfBooking =
    "SELECT id, octets, width, height, created_us, position FROM photo WHERE booking_id = ? ORDER "
    "BY position";
constexpr const char* kOfDraft =
    "SELECT id, octets, width, height, created_us, position FROM photo WHERE draft = ? AND "
    "booking_id IS NULL ORDER BY position";

std::vector<Photo> photos(Session& db, const char* sql, const Blob& owner) {
  std::vector<Photo> found;
  for (const auto& row : db.query(sql, {owner}))
    found.push_back({octets_of<16>(row.text(0)), row.integer(1), row.integer(2), row.integer(3),
                     wall_time(row.integer(4))});
  return found;
}

using NewPhotos = std::vector<const PhotoUpload::New*>;

bool is_among(Session& db, const PhotoUpload::New& photo, const std::vector<Photo>& there) {
  return std::ranges::any_of(there, [&](const Photo& other) {
    if (std::cmp_not_equal(photo.content.size(), other.octets)) return false;
    const auto found = photo_content(db, other.id);
    return found && found->octets == photo.content;
  });
}

/// Who goes back to a form and sends it once more, or presses twice, sends its photos again.
NewPhotos new_ones(Session& db, const PhotoUpload& upload, const std::vector<Photo>& there) {
  NewPhotos photos;
  for (const auto& photo : upload.photos)
    if (!is_among(db, photo, there)) photos.push_back(&photo);
  return photos;
}

void insert(Session& db, const NewPhotos& added, common::WallTime now, const Parameter& booking,
            const Parameter& draft, std::size_t position, const EntropySource& entropy) {
  for (const auto* photo : added) {
    const auto id = new_id(now, entropy);
    if (!db.insert("INSERT INTO photo (id, booking_id, draft, position, width, height, octets, "
                   "created_us, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   {blob(id), booking, draft, static_cast<std::int64_t>(position++), photo->width,
                    photo->height, static_cast<std::int64_t>(photo->content.size()), micros(now),
                    Blob{photo->content}}))
      throw Again{};  // another upload took the place meanwhile
  }
}

}  // namespace

Ending add_photos(Session& db, const PhotoUpload& upload, const Tools& tools,
                  std::optional<PhotoOutcome>& out) {
  Parameter booking;
  Parameter draft;
  std::vector<Photo> there;
  if (upload.number) {
    const auto found = read_booking(db, *upload.number, tools.vault);
    if (!found || found->anonymised || found->request.phone != upload.phone) {
      out = PhotoRefusal::NotFound;
      return Ending::RollBack;
    }
    booking = blob(found->id);
    there = photos_of(db, found->id);
  } else {
    draft = blob(*upload.draft);
    there = photos_of_draft(db, *upload.draft);
  }
  const auto added = new_ones(db, upload, there);
  if (there.size() + added.size() > kMostPhotos) {
    out = PhotoRefusal::TooMany;
    return Ending::RollBack;
  }
  insert(db, added, upload.now, booking, draft, there.size(), tools.entropy);
  out = photos(db, upload.number ? kOfBooking : kOfDraft,
               std::get<Blob>(upload.number ? booking : draft));
  return Ending::Commit;
}

std::vector<Photo> photos_of(Session& db, const core::BookingId& booking) {
  return photos(db, kOfBooking, blob(booking));
}

std::vector<Photo> photos_of_draft(Session& db, const TokenHash& draft) {
  return photos(db, kOfDraft, blob(draft));
}

std::optional<PhotoContent> photo_content(Session& db, const core::BookingId& photo) {
  const auto rows = db.query(
      "SELECT p.content, b.number FROM photo p LEFT JOIN booking b ON b.id = p.booking_id WHERE "
      "p.id = ?",
      {blob(photo)});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  PhotoContent found{row.text(0), std::nullopt};
  if (!row.is_null(1)) found.booking = core::BookingNumber::parse(row.text(1));
  return found;
}

void adopt_photos(Session& db, const core::BookingId& booking, const TokenHash& draft) {
  db.execute("UPDATE photo SET booking_id = ?, draft = NULL WHERE draft = ? AND booking_id IS NULL",
             {blob(booking), blob(draft)});
}

}  // namespace booking::store
