#pragma once

#include "app/api/json_body.hpp"
#include "app/api/office_reads.hpp"
#include "app/store/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace booking::api {

// The office's JSON, in and out, but for accounts and sessions (admin_json.hpp).

struct MoveWords {
  core::VisitDraft visit;
  bool has_visit{false};
  core::EstimateDraft estimate;
  std::string reason;
  std::optional<bool> notify;
  bool anyway{false};
};
/// The body of a move: what that move takes and nothing else.
Read<MoveWords> read_move(std::string_view body, core::Move move);
Read<std::vector<std::string>> read_technicians(std::string_view body);
Read<std::string> read_customer_search(std::string_view body);
struct CustomerWords {
  std::optional<std::string> note;
  std::optional<bool> blocked;
};
Read<CustomerWords> read_customer_change(std::string_view body);
/// An id as it stands in our JSON; `key` is the member's name.
Read<core::BookingId> read_id(std::string_view body, std::string_view key);
/// Why personal data leaves or goes.
struct ErasureWords {
  std::string reason;
  std::vector<core::BookingNumber> cancel;
};
Read<ErasureWords> read_erasure(std::string_view body);
struct ExportWords {
  std::string month;
  std::string reason;
};
Read<ExportWords> read_export(std::string_view body);

std::string inbox_json(const store::BookingPage& page,
                       const std::map<core::BookingId, store::KnownGuest>& guests,
                       const std::set<core::BookingId>& wished_anew);
std::string detail_json(const BookingDetail& detail);
std::string calendar_json(const CalendarView& view);
std::string technicians_json(const std::vector<std::string>& names);
std::string starts_json(const std::vector<common::WallTime>& starts);
std::string customers_json(const std::vector<store::Customer>& customers);
std::string customer_file_json(const store::CustomerFile& file);
std::string report_json(const MonthReport& report);
std::string file_json(const std::string& name, const std::string& csv);
std::string path_json(const std::string& path);
std::string audit_json(const store::AuditPage& page);
std::string verdict_json(std::int64_t entries, std::optional<std::int64_t> first_broken);

/// 32 hexadecimal digits, and back.
std::string to_text(const core::BookingId& id);
std::optional<core::BookingId> parse_id(std::string_view text);

}  // namespace booking::api
