#pragma once

#include "app/api/http_message.hpp"
#include "app/core/amendment.hpp"
#include "app/core/booking_request.hpp"
#include "app/web/form_data.hpp"
#include "app/web/multipart.hpp"
#include "app/web/pages.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace booking::api {

// Between what a browser's form says and the words of the rules, both ways.

web::Language language_of(const Request& request);

web::RequestForm form_of(const web::FormData& data);

/// The form as a draft; rows without a day are none. `rows` says which row each of the draft's
/// windows came from.
core::BookingDraft draft_of(const web::RequestForm& form, std::vector<std::size_t>& rows);
core::AmendmentDraft amendment_of(const web::FormData& data);

/// Pointers into the draft as names of the form's fields: `/phone` → `phone`, `/preferred/0/date` →
/// `date-1` when the draft's first window stood in the form's second row.
std::vector<web::FieldFault> faults_of(const std::vector<core::FieldError>& errors,
                                       const std::vector<std::size_t>& rows,
                                       web::Language language);

/// `2026년 12월 1일 (화) 10:00`, `Tue 1 December 2026, 10:00`; in Seoul.
std::string in_words(common::WallTime time, web::Language language);
/// `1,234,500`.
std::string in_figures(std::int64_t amount);
/// `K7M-•••-••C`.
std::string masked(const core::BookingNumber& number);

}  // namespace booking::api
