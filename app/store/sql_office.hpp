#pragma once

#include "app/store/customer_queries.hpp"
#include "app/store/office.hpp"
#include "app/store/store.hpp"

namespace booking::store {

class SqlRunner;
struct Tools;

class SqlOffice final : public Office {
 public:
  /// Both outlive it and are not used before the first call.
  SqlOffice(SqlRunner& runner, const Tools& tools) : runner_{runner}, tools_{tools} {}

  Awaitable<std::optional<core::Booking>> booking(core::BookingNumber number) override;
  Awaitable<std::map<core::BookingId, KnownGuest>> known_guests(
      std::vector<core::BookingId> bookings) override;
  Awaitable<std::set<core::BookingId>> wished_anew(std::vector<core::BookingId> bookings) override;
  Awaitable<std::vector<PastBooking>> earlier(core::BookingId booking) override;
  Awaitable<std::vector<core::Booking>> visits(Period period) override;
  Awaitable<std::vector<core::Booking>> made(Period period) override;
  Awaitable<StatusCounts> made_counts(Period period) override;
  Awaitable<std::vector<std::string>> technicians() override;
  Awaitable<TechniciansOutcome> set_technicians(TechniciansChange change) override;
  Awaitable<ShopCalendar> calendar() override;
  Awaitable<CalendarOutcome> set_calendar(CalendarChange change) override;
  Awaitable<std::vector<Customer>> find_customers(CustomerQuery query) override;
  Awaitable<std::optional<CustomerFile>> customer(core::BookingId id) override;
  Awaitable<CustomerOutcome> change_customer(CustomerChange change) override;
  Awaitable<Keyed<MergeOutcome>> merge_customers(CustomerMerge merge, Once once) override;
  Awaitable<Keyed<MergeOutcome>> unmerge_customers(CustomerMerge merge, Once once) override;
  Awaitable<Keyed<ErasureOutcome>> erase_customer(CustomerErasure erasure, Once once) override;
  Awaitable<Keyed<Done>> set_feed(std::array<std::uint8_t, 32> token_hash, Actor actor,
                                  Once once) override;
  Awaitable<Outcome> knows_feed(std::array<std::uint8_t, 32> token_hash) override;
  Awaitable<std::optional<std::variant<Replay, KeyRefusal>>> recall(Once once) override;
  Awaitable<Done> note(Actor actor, std::string action, std::string subject, std::string detail,
                       common::WallTime now) override;
  Awaitable<AuditPage> audit(AuditQuery query) override;
  Awaitable<AuditHead> audit_head() override;

 private:
  Awaitable<Keyed<MergeOutcome>> join(CustomerMerge merge, Once once, Joining* joining);

  SqlRunner& runner_;
  const Tools& tools_;
};

}  // namespace booking::store
