#include "app/store/move_queries.hpp"

#include "app/store/admin_queries.hpp"
#include "app/store/booking_queries.hpp"
#include "app/store/calendar_queries.hpp"
#include "app/store/event_queries.hpp"
#include "app/store/key_queries.hpp"
#include "app/store/outbox_queries.hpp"
#include "app/store/row_values.hpp"
#include "app/store/sealed_values.hpp"

namespace booking::store {
namespace {

using core::Move;

bool leaves_the_calendar(core::Status status) {
  return status == core::Status::Cancelled || status == core::Status::Rejected ||
         status == core::Status::Done;
}

/// Whether the rules let it happen; what the calendar says is asked when claiming.
std::optional<MoveRefusal> refusal_of(const core::Booking& booking, const Transition& command) {
  if (command.version && *command.version != booking.version) return MoveRefusal::Stale;
  if (!core::after(booking.status, command.move, command.by)) return MoveRefusal::IllegalMove;
  const bool guest = command.by == core::Party::Guest;
  switch (command.move) {
    case Move::Accept:
      if (!booking.estimate || command.now > booking.estimate->valid_until)
        return MoveRefusal::EstimateOver;
      break;
    case Move::Cancel:
    case Move::Change:
      if (guest && !core::before_cutoff(booking, command.policy, command.now))
        return MoveRefusal::TooLate;
      if (command.amendment && !core::fits(*command.amendment, booking.status))
        return MoveRefusal::IllegalMove;
      break;
    case Move::Approve:
    case Move::Reschedule:
      if (!command.visit) return MoveRefusal::VisitNeeded;
      break;
    case Move::Schedule:
      if (!command.visit && !booking.visit) return MoveRefusal::VisitNeeded;
      break;
    case Move::Request:
    case Move::Quote:
    case Move::Decline:
    case Move::Complete:
    case Move::Reject:
      break;
  }
  return std::nullopt;
}

/// Whether the visit of the command is one the shop's calendar has no place for.
bool off_calendar(const core::CalendarRules& rules, const core::Booking& before,
                  const Transition& command) {
  if (!command.visit || command.anyway || command.visit == before.visit) return false;
  return core::misfit_for_staff(rules, *command.visit, command.now).has_value();
}

void insert_estimate(Session& db, const core::Booking& booking, common::WallTime now) {
  const auto& estimate = *booking.estimate;
  const auto rows = db.query("SELECT COALESCE(MAX(revision), 0) FROM estimate WHERE booking_id = ?",
                             {blob(booking.id)});
  const auto revision = rows.at(0).integer(0) + 1;
  db.execute(
      "INSERT INTO estimate (booking_id, revision, note, valid_until_us, created_us) VALUES (?, ?, "
      "?, ?, ?)",
      {blob(booking.id), revision, estimate.note, micros(estimate.valid_until), micros(now)});
  std::int64_t position = 0;
  for (const auto& item : estimate.items)
    db.execute(
        "INSERT INTO estimate_item (booking_id, revision, position, label, amount) VALUES (?, ?, "
        "?, ?, ?)",
        {blob(booking.id), revision, position++, item.text, item.amount});
}

std::string words_of(const core::Visit& visit) {
  return visit.technician + ", " + core::format_rfc3339(visit.start) + ", " +
         std::to_string(visit.duration.count()) + " min";
}

/// What the audit log says of a value that was changed, or came to be: "BEFORE -> AFTER".
std::string words_of(const std::string& before, const std::string& after) {
  return before.empty() ? after : before + " -> " + after;
}

std::string sum_of(const std::optional<core::Estimate>& estimate) {
  return estimate ? std::to_string(estimate->total()) : std::string{};
}

/// What the timeline says beside the move itself. Never an address or a description.
std::string detail_of(const core::Booking& booking, const Transition& command) {
  switch (command.move) {
    case Move::Approve:
    case Move::Schedule:
    case Move::Reschedule:
      return core::format_rfc3339(booking.visit->start);
    case Move::Quote:
    case Move::Accept:
      return std::to_string(booking.estimate->total());
    case Move::Decline:
    case Move::Reject:
    case Move::Cancel:
      return command.reason;
    case Move::Request:
    case Move::Complete:
    case Move::Change:
      break;
  }
  return {};
}

void note(Session& db, const core::Booking& before, const core::Booking& booking,
          const Transition& command, const Tools& tools) {
  write_event(
      db, booking.id,
      {command.now, command.move, command.by, command.actor.name, detail_of(booking, command)},
      tools);
  write_messages(db, booking.id, {command.move, command.by, booking.status, command.tell_guest},
                 command.now, tools);
  auto words = words_of(std::string{core::to_string(before.status)},
                        std::string{core::to_string(booking.status)});
  if (booking.visit && booking.visit != before.visit)
    words += ", " + words_of(before.visit ? words_of(*before.visit) : "", words_of(*booking.visit));
  if (command.move == Move::Quote)
    words += ", estimate " + words_of(sum_of(before.estimate), sum_of(booking.estimate));
  if (command.anyway) words += ", the calendar not asked";
  if (command.amendment) words += ", " + core::fields_of(*command.amendment);
  const auto& name = command.by == core::Party::Guest ? "guest" : command.actor.name;
  write_audit(db, {name, command.actor.address}, command.now,
              "booking." + std::string{core::to_string(command.move)}, command.number.text(), words,
              tools.entropy);
}

/// The booking as it will be.
core::Booking changed(core::Booking booking, const Transition& command) {
  booking.status = *core::after(booking.status, command.move, command.by);
  if (command.visit) booking.visit = command.visit;
  if (command.move == Move::Quote && command.estimate) booking.estimate = command.estimate;
  if (command.move == Move::Change && command.amendment)
    booking.request = core::amended(std::move(booking.request), *command.amendment);
  if (command.move == Move::Reject || command.move == Move::Cancel) booking.reason = command.reason;
  booking.updated = command.now;
  ++booking.version;
  return booking;
}

void write_booking(Session& db, const core::Booking& booking, std::int64_t before,
                   const privacy::Vault& vault) {
  const auto& reason = booking.reason;
  std::vector<Parameter> values{
      static_cast<std::int64_t>(booking.status),
      seal(vault, kDescriptionColumn, booking.id, booking.request.description),
      seal(vault, kAddressColumn, booking.id, booking.request.address),
      reason.empty() ? reason : seal(vault, kReasonColumn, booking.id, reason),
      booking.request.name,
      {},
      {},
      {},
      booking.version,
      micros(booking.updated),
      sealed_detail(vault, booking.id, booking.request.address_detail),
      blob(booking.id),
      before};
  if (booking.visit) {
    values[5] = booking.visit->technician;
    values[6] = micros(booking.visit->start);
    values[7] = static_cast<std::int64_t>(booking.visit->duration.count());
  }
  const auto found = db.execute(
      "UPDATE booking SET status = ?, description = ?, address = '', address_sealed = ?, reason = "
      "?, contact_name = ?, technician = ?, visit_start_us = ?, visit_minutes = ?, version = ?, "
      "updated_us = ?, address_detail_sealed = ? WHERE id = ? AND version = ?",
      values);
  if (found == 0) throw Again{};  // somebody else moved it since we read it
}

/// A booking with another phone is another customer's.
void move_to_customer(Session& db, const core::Booking& booking, const Transition& command,
                      const Tools& tools) {
  const auto customer = customer_of(db, booking.request, command.now, tools);
  db.execute("UPDATE booking SET customer_id = ? WHERE id = ?", {blob(customer), blob(booking.id)});
  if (!still_has(db, customer, booking.request.phone, tools.vault)) throw Again{};
}

/// The time a booking takes, after its move. False when somebody else has it.
bool settle_claims(Session& db, const core::Booking& before, const core::Booking& booking,
                   std::chrono::minutes travel) {
  if (leaves_the_calendar(booking.status)) {
    // A job that is done took its time; only what will not be done gives it back.
    if (booking.status != core::Status::Done) release_claims(db, booking.id);
    return true;
  }
  if (!booking.visit || booking.visit == before.visit) return true;
  release_claims(db, booking.id);
  return claim(db, booking.id, *booking.visit, travel);
}

/// Whether the guest knows its number to call; the staff's are all.
bool is_theirs(const core::Booking& booking, const Transition& command) {
  return !command.phone || booking.request.phone == *command.phone;
}

/// Or knew it until this command, which changes it, came before.
bool may_be_theirs(const core::Booking& booking, const Transition& command) {
  if (booking.anonymised) return false;
  return is_theirs(booking, command) ||
         (command.amendment && command.amendment->phone == booking.request.phone);
}

/// The booking as the command left it, or as it is since. Read anew: it may have been moved while
/// its key was waited for.
MoveOutcome told_again(Session& db, const Transition& command, const privacy::Vault& vault) {
  auto booking = read_booking(db, command.number, vault);
  if (!booking || !may_be_theirs(*booking, command)) return MoveRefusal::NotFound;
  return Moved{std::move(*booking), true};
}

/// Nothing when the key lets the command through, else how it ends.
std::optional<MoveOutcome> outcome_of_key(Session& db, const Transition& command,
                                          const Attempt& attempt, const core::Booking& booking,
                                          const privacy::Vault& vault) {
  const auto to = core::after(booking.status, command.move, command.by);
  const KeyUse use{command.idempotency_key, command.fingerprint, booking.id,
                   to.value_or(booking.status), command.now};
  std::optional<RecordedKey> recorded;
  switch (core::decide(take_key(db, use, attempt, recorded), command.fingerprint, command.now)) {
    case core::KeyDecision::Replay:
      return told_again(db, command, vault);
    case core::KeyDecision::Mismatch:
      return MoveRefusal::KeyMismatch;
    case core::KeyDecision::Running:
      return MoveRefusal::KeyRunning;
    case core::KeyDecision::Fresh:
      break;
  }
  if (recorded) begin_key_anew(db, use, *recorded);
  return std::nullopt;
}

}  // namespace

Ending move_booking(Session& db, const Transition& command, const Attempt& attempt,
                    const Tools& tools, std::optional<MoveOutcome>& out) {
  const auto before = read_booking(db, command.number, tools.vault);
  if (!before || !may_be_theirs(*before, command)) {
    out = MoveRefusal::NotFound;
    return Ending::RollBack;
  }
  if (!command.idempotency_key.empty()) {
    out = outcome_of_key(db, command, attempt, *before, tools.vault);
    // By the number that it has since this very command, nothing but its answer can be had.
    if (!is_theirs(*before, command) && !(out && std::holds_alternative<Moved>(*out)))
      out = MoveRefusal::NotFound;
    if (out) return Ending::RollBack;
  } else if (attempt.maybe_committed && before->updated == command.now) {
    out = Moved{*before, false};  // it was us, and the commit had worked
    return Ending::RollBack;
  } else if (!is_theirs(*before, command)) {
    out = MoveRefusal::NotFound;
    return Ending::RollBack;
  }
  if (const auto refusal = refusal_of(*before, command)) {
    out = *refusal;
    return Ending::RollBack;
  }
  const auto calendar =
      command.visit ? read_calendar(db).rules : core::CalendarRules{};  // else nothing asks
  if (off_calendar(calendar, *before, command)) {
    out = MoveRefusal::OffCalendar;
    return Ending::RollBack;
  }
  const auto booking = changed(*before, command);
  write_booking(db, booking, before->version, tools.vault);
  if (booking.request.phone != before->request.phone) move_to_customer(db, booking, command, tools);
  if (!settle_claims(db, *before, booking, calendar.travel)) {
    out = MoveRefusal::SlotTaken;
    return Ending::RollBack;
  }
  if (command.move == Move::Quote) insert_estimate(db, booking, command.now);
  if (command.move == Move::Change && command.amendment->preferred) {
    db.execute("DELETE FROM preferred_window WHERE booking_id = ?", {blob(booking.id)});
    insert_windows(db, booking.id, booking.request.preferred);
  }
  note(db, *before, booking, command, tools);
  out = Moved{booking, false};
  return Ending::Commit;
}

}  // namespace booking::store
