#pragma once

#include "app/store/session.hpp"
#include "app/store/store.hpp"
#include "app/store/tools.hpp"
#include "app/store/transaction.hpp"

#include <optional>

namespace booking::store {

// The SQL of photos.

Ending add_photos(Session& db, const PhotoUpload& upload, const Tools& tools,
                  std::optional<PhotoOutcome>& out);
std::vector<Photo> photos_of(Session& db, const core::BookingId& booking);
std::vector<Photo> photos_of_draft(Session& db, const TokenHash& draft);
std::optional<PhotoContent> photo_content(Session& db, const core::BookingId& photo);
/// The draft's photos become the booking's.
void adopt_photos(Session& db, const core::BookingId& booking, const TokenHash& draft);

}  // namespace booking::store
