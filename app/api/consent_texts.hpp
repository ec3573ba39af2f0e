#pragma once

#include "app/store/store.hpp"
#include "app/web/texts.hpp"

#include <string_view>

namespace booking::api {

// The sentences a guest agrees to, and what is kept of them with each consent.

/// Digests of what a page in this language asks.
store::ConsentTexts consent_texts(web::Language language);

/// The sentence a consent was given to; empty when it is no longer one of ours, or none was kept.
std::string_view text_of(const core::Consent& consent);

}  // namespace booking::api
