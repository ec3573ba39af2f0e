#include "app/store/sql_store.hpp"

#include "app/store/admin_queries.hpp"
#include "app/store/booking_queries.hpp"
#include "app/store/consent_queries.hpp"
#include "app/store/event_queries.hpp"
#include "app/store/move_queries.hpp"
#include "app/store/outbox_queries.hpp"
#include "app/store/photo_queries.hpp"
#include "app/store/retention_queries.hpp"
#include "app/store/sealed_values.hpp"
#include "app/store/sql_accounts.hpp"
#include "app/store/sql_office.hpp"
#include "app/store/sql_runner.hpp"
#include "app/store/story_queries.hpp"
#include "app/store/tools.hpp"

#include <utility>

namespace booking::store {
namespace {

class SqlStore final : public Store {
 public:
  SqlStore(std::unique_ptr<Backend> backend, SqlStoreOptions options, privacy::Vault vault,
           EntropySource entropy)
      : backend_{std::move(backend)},
        options_{std::move(options)},
        vault_{std::move(vault)},
        entropy_{std::move(entropy)},
        accounts_{runner_, tools_},
        office_{runner_, tools_},
        runner_{*backend_, options_} {}

  Awaitable<CreateOutcome> create_booking(CreateBooking command) override {
    return runner_.submit<CreateOutcome>(
        Kind::Write,
        [this, command = std::move(command)](Session& db, const Attempt& attempt, auto& out) {
          return store::create_booking(db, command, attempt, tools_, out);
        });
  }

  Awaitable<Looked> look_up(GuestLook look) override {
    return runner_.read<Looked>(
        [this, look = std::move(look)](Session& db) { return store::look_up(db, look, vault_); });
  }

  Awaitable<BookingPage> list_bookings(BookingQuery query) override {
    return runner_.read<BookingPage>(
        [this, query](Session& db) { return store::list_bookings(db, query, vault_); });
  }

  Awaitable<MoveOutcome> move(Transition command) override {
    return runner_.submit<MoveOutcome>(
        Kind::Write,
        [this, command = std::move(command)](Session& db, const Attempt& attempt, auto& out) {
          return store::move_booking(db, command, attempt, tools_, out);
        });
  }

  Awaitable<Story> story(core::BookingId booking) override {
    return runner_.read<Story>([this, booking](Session& db) {
      return Story{store::read_events(db, booking, vault_), store::photos_of(db, booking),
                   consents_of(db, booking)};
    });
  }

  Awaitable<std::vector<core::Booking>> find_by_name(std::string name, core::Phone phone) override {
    return runner_.read<std::vector<core::Booking>>(
        [this, name = std::move(name), phone = std::move(phone)](Session& db) {
          return store::find_by_name(db, name, phone, vault_);
        });
  }

  Awaitable<PhotoOutcome> add_photos(PhotoUpload upload) override {
    return runner_.submit<PhotoOutcome>(
        Kind::Write, [this, upload = std::move(upload)](Session& db, const Attempt&, auto& out) {
          return store::add_photos(db, upload, tools_, out);
        });
  }

  Awaitable<std::vector<Photo>> photos_of_draft(TokenHash draft) override {
    return runner_.read<std::vector<Photo>>(
        [draft](Session& db) { return store::photos_of_draft(db, draft); });
  }

  Awaitable<std::optional<PhotoContent>> photo_content(core::BookingId photo) override {
    return runner_.read<std::optional<PhotoContent>>(
        [photo](Session& db) { return store::photo_content(db, photo); });
  }

  Awaitable<std::vector<Message>> claim_messages(MessageClaim claim) override {
    return runner_.write<std::vector<Message>>([this, claim = std::move(claim)](Session& db) {
      return store::claim_messages(db, claim, vault_);
    });
  }

  Awaitable<Done> end_message(MessageEnd end) override {
    return runner_.change([end = std::move(end)](Session& db) { store::end_message(db, end); });
  }

  Awaitable<MessagesWaiting> messages_waiting() override {
    return runner_.read<MessagesWaiting>([](Session& db) { return store::messages_waiting(db); });
  }

  Awaitable<RetentionReport> retain(RetentionRules rules, common::WallTime now,
                                    bool dry_run) override {
    if (dry_run)
      return runner_.read<RetentionReport>(
          [rules, now](Session& db) { return store::count_expired(db, rules, now); });
    return runner_.write<RetentionReport>(
        [this, rules, now](Session& db) { return store::forget_expired(db, rules, now, tools_); });
  }

  Awaitable<Resealed> reseal(std::size_t limit) override {
    return runner_.write<Resealed>(
        [this, limit](Session& db) { return store::reseal(db, vault_, limit); });
  }

  Awaitable<core::Taken> claims(ClaimQuery query) override {
    return runner_.read<core::Taken>(
        [query = std::move(query)](Session& db) { return store::read_claims(db, query); });
  }

  Accounts& accounts() override { return accounts_; }
  Office& office() override { return office_; }

  Awaitable<LoginFailures> record_login_failure(std::string subject, common::WallTime now,
                                                std::chrono::seconds memory) override {
    return runner_.submit<LoginFailures>(Kind::Write, [subject = std::move(subject), now, memory](
                                                          Session& db, const Attempt&, auto& out) {
      out = store::record_login_failure(db, subject, now, memory);
      return Ending::Commit;
    });
  }

  Awaitable<LoginFailures> read_login_failures(std::string subject) override {
    return runner_.read<LoginFailures>([subject = std::move(subject)](Session& db) {
      return store::read_login_failures(db, subject);
    });
  }

  Awaitable<std::array<LoginFailures, 2>> read_login_failures(
      std::array<std::string, 2> subjects) override {
    return runner_.read<std::array<LoginFailures, 2>>(
        [subjects = std::move(subjects)](Session& db) {
          return store::read_login_failures(db, subjects);
        });
  }

  Awaitable<Done> clear_login_failures(std::string subject) override {
    return runner_.change(
        [subject = std::move(subject)](Session& db) { store::clear_login_failures(db, subject); });
  }

  Readiness readiness() const override { return backend_->readiness(); }

  Statistics statistics() const override {
    auto counted = runner_.statistics();
    counted.connects = backend_->connects();
    return counted;
  }

 private:
  std::unique_ptr<Backend> backend_;
  SqlStoreOptions options_;
  privacy::Vault vault_;
  EntropySource entropy_;
  Tools tools_{vault_, entropy_, options_.channels};
  SqlAccounts accounts_;
  SqlOffice office_;
  SqlRunner runner_;  // last: its threads use all of the above
};

}  // namespace

std::unique_ptr<Store> make_sql_store(std::unique_ptr<Backend> backend, SqlStoreOptions options,
                                      privacy::Vault vault, EntropySource entropy) {
  return std::make_unique<SqlStore>(std::move(backend), std::move(options), std::move(vault),
                                    std::move(entropy));
}

}  // namespace booking::store
