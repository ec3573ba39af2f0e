#include "app/store/sql_office.hpp"

#include "app/store/audit_queries.hpp"
#include "app/store/booking_queries.hpp"
#include "app/store/calendar_queries.hpp"
#include "app/store/office_queries.hpp"
#include "app/store/once_queries.hpp"
#include "app/store/retention_queries.hpp"
#include "app/store/sql_runner.hpp"
#include "app/store/tools.hpp"

namespace booking::store {

Awaitable<std::optional<core::Booking>> SqlOffice::booking(core::BookingNumber number) {
  return runner_.read<std::optional<core::Booking>>(
      [this, number = std::move(number)](Session& db) {
        return read_booking(db, number, tools_.vault);
      });
}

Awaitable<std::map<core::BookingId, KnownGuest>> SqlOffice::known_guests(
    std::vector<core::BookingId> bookings) {
  return runner_.read<std::map<core::BookingId, KnownGuest>>(
      [bookings = std::move(bookings)](Session& db) { return store::known_guests(db, bookings); });
}

Awaitable<std::set<core::BookingId>> SqlOffice::wished_anew(std::vector<core::BookingId> bookings) {
  return runner_.read<std::set<core::BookingId>>(
      [bookings = std::move(bookings)](Session& db) { return store::wished_anew(db, bookings); });
}

Awaitable<std::vector<PastBooking>> SqlOffice::earlier(core::BookingId booking) {
  return runner_.read<std::vector<PastBooking>>(
      [booking](Session& db) { return earlier_bookings(db, booking); });
}

Awaitable<std::vector<core::Booking>> SqlOffice::visits(Period period) {
  return runner_.read<std::vector<core::Booking>>(
      [this, period](Session& db) { return store::visits(db, period, tools_.vault); });
}

Awaitable<std::vector<core::Booking>> SqlOffice::made(Period period) {
  return runner_.read<std::vector<core::Booking>>(
      [this, period](Session& db) { return store::made(db, period, tools_.vault); });
}

Awaitable<StatusCounts> SqlOffice::made_counts(Period period) {
  return runner_.read<StatusCounts>(
      [period](Session& db) { return store::made_counts(db, period); });
}

Awaitable<std::vector<std::string>> SqlOffice::technicians() {
  return runner_.read<std::vector<std::string>>([](Session& db) { return store::technicians(db); });
}

Awaitable<TechniciansOutcome> SqlOffice::set_technicians(TechniciansChange change) {
  return runner_.submit<TechniciansOutcome>(
      Kind::Write, [this, change = std::move(change)](Session& db, const Attempt&, auto& out) {
        return store::set_technicians(db, change, tools_.entropy, out);
      });
}

Awaitable<ShopCalendar> SqlOffice::calendar() {
  return runner_.read<ShopCalendar>([](Session& db) { return read_calendar(db); });
}

Awaitable<CalendarOutcome> SqlOffice::set_calendar(CalendarChange change) {
  return runner_.submit<CalendarOutcome>(
      Kind::Write,
      [this, change = std::move(change)](Session& db, const Attempt& attempt, auto& out) {
        return store::set_calendar(db, change, attempt, tools_, out);
      });
}

Awaitable<std::vector<Customer>> SqlOffice::find_customers(CustomerQuery query) {
  return runner_.read<std::vector<Customer>>([this, query = std::move(query)](Session& db) {
    return store::find_customers(db, query, tools_.vault);
  });
}

Awaitable<std::optional<CustomerFile>> SqlOffice::customer(core::BookingId id) {
  return runner_.read<std::optional<CustomerFile>>(
      [this, id](Session& db) { return customer_file(db, id, tools_.vault); });
}

Awaitable<CustomerOutcome> SqlOffice::change_customer(CustomerChange change) {
  return runner_.submit<CustomerOutcome>(
      Kind::Write, [this, change = std::move(change)](Session& db, const Attempt&, auto& out) {
        return store::change_customer(db, change, tools_, out);
      });
}

Awaitable<Keyed<MergeOutcome>> SqlOffice::merge_customers(CustomerMerge merge, Once once) {
  return join(std::move(merge), std::move(once), store::merge_customers);
}

Awaitable<Keyed<MergeOutcome>> SqlOffice::unmerge_customers(CustomerMerge merge, Once once) {
  return join(std::move(merge), std::move(once), store::unmerge_customers);
}

Awaitable<Keyed<MergeOutcome>> SqlOffice::join(CustomerMerge merge, Once once, Joining* joining) {
  WorkOf<MergeOutcome> work = [this, merge = std::move(merge), joining](
                                  Session& db, const Attempt& attempt, auto& out) {
    return joining(db, merge, attempt, tools_.entropy, out);
  };
  return runner_.submit<Keyed<MergeOutcome>>(Kind::Write,
                                             under_key(std::move(once), tools_, std::move(work)));
}

Awaitable<Keyed<ErasureOutcome>> SqlOffice::erase_customer(CustomerErasure erasure, Once once) {
  WorkOf<ErasureOutcome> work = [this, erasure = std::move(erasure)](
                                    Session& db, const Attempt& attempt, auto& out) {
    out = store::erase_customer(db, erasure, attempt, tools_);
    return Ending::Commit;
  };
  return runner_.submit<Keyed<ErasureOutcome>>(Kind::Write,
                                               under_key(std::move(once), tools_, std::move(work)));
}

Awaitable<Keyed<Done>> SqlOffice::set_feed(std::array<std::uint8_t, 32> token_hash, Actor actor,
                                           Once once) {
  WorkOf<Done> work = [this, token_hash, actor = std::move(actor), now = once.now](
                          Session& db, const Attempt&, auto& out) {
    store::set_feed(db, token_hash, actor, now, tools_.entropy);
    out = Done{};
    return Ending::Commit;
  };
  return runner_.submit<Keyed<Done>>(Kind::Write,
                                     under_key(std::move(once), tools_, std::move(work)));
}

Awaitable<std::optional<std::variant<Replay, KeyRefusal>>> SqlOffice::recall(Once once) {
  return runner_.read<std::optional<KnownAnswer>>([this, once = std::move(once)](Session& db) {
    return store::recall(db, once, tools_.vault);
  });
}

Awaitable<Outcome> SqlOffice::knows_feed(std::array<std::uint8_t, 32> token_hash) {
  return runner_.read<Outcome>([token_hash](Session& db) {
    return store::knows_feed(db, token_hash) ? Outcome::Done : Outcome::Refused;
  });
}

Awaitable<Done> SqlOffice::note(Actor actor, std::string action, std::string subject,
                                std::string detail, common::WallTime now) {
  return runner_.change(
      [this, actor = std::move(actor), action = std::move(action), subject = std::move(subject),
       detail = std::move(detail),
       now](Session& db) { write_audit(db, actor, now, action, subject, detail, tools_.entropy); });
}

Awaitable<AuditPage> SqlOffice::audit(AuditQuery query) {
  return runner_.read<AuditPage>([query](Session& db) { return read_audit(db, query); });
}

Awaitable<AuditHead> SqlOffice::audit_head() {
  return runner_.read<AuditHead>([](Session& db) { return read_audit_head(db); });
}

}  // namespace booking::store
