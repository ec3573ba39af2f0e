#include "app/store/sql_store.hpp"

#include "app/store/admin_queries.hpp"
#include "app/store/booking_queries.hpp"
#include "app/store/event_queries.hpp"
#include "app/store/move_queries.hpp"
#include "app/store/outbox_queries.hpp"
#include "app/store/photo_queries.hpp"
#include "app/store/retention_queries.hpp"
#include "app/store/sealed_values.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace booking::store {
namespace {

namespace asio = boost::asio;

/// The work of an operation whose outcome is a T.
template <class T>
using WorkOf = std::function<Ending(Session&, const Attempt&, std::optional<T>&)>;

/// An operation under way: runs on a lane, comes back on the executor of whoever awaits it.
template <class T, class Handler>
class Operation final : public Job {
 public:
  Operation(common::TimePoint deadline, Kind kind, WorkOf<T> work,
            std::atomic<std::uint64_t>& retries, Handler handler)
      : Job{deadline},
        kind_{kind},
        work_{std::move(work)},
        retries_{retries},
        executor_{asio::get_associated_executor(handler)},
        guard_{executor_},
        handler_{std::move(handler)} {}

  void run(Lane& lane) override {
    std::optional<T> out;
    const auto error = perform(
        lane, kind_,
        [this, &out](Session& db, const Attempt& attempt) {
          out.reset();
          return work_(db, attempt, out);
        },
        deadline(), retries_);
    if (error)
      finish(error);
    else
      finish(std::move(*out));
  }

  void refuse(Errc why) override { finish(make_error_code(why)); }

 private:
  using Executor = asio::associated_executor_t<Handler>;

  void finish(common::Result<T> result) {
    asio::post(executor_, [handler = std::move(handler_), result = std::move(result)]() mutable {
      handler(std::move(result));
    });
    guard_.reset();
  }

  Kind kind_;
  WorkOf<T> work_;
  std::atomic<std::uint64_t>& retries_;
  Executor executor_;
  asio::executor_work_guard<Executor> guard_;  // whoever awaits must not run out of work meanwhile
  Handler handler_;
};

class SqlStore final : public Store {
 public:
  SqlStore(std::unique_ptr<Backend> backend, SqlStoreOptions options, privacy::Vault vault,
           EntropySource entropy)
      : backend_{std::move(backend)},
        options_{std::move(options)},
        vault_{std::move(vault)},
        entropy_{std::move(entropy)},
        writes_{backend_->writes(), options_.writers, options_.queue},
        reads_{backend_->reads(), options_.readers, options_.queue} {}

  Awaitable<CreateOutcome> create_booking(CreateBooking command) override {
    return submit<CreateOutcome>(Kind::Write, [this, command = std::move(command)](
                                                  Session& db, const Attempt& attempt, auto& out) {
      return store::create_booking(db, command, attempt, tools_, out);
    });
  }

  Awaitable<std::optional<core::Booking>> find_booking(core::BookingNumber number,
                                                       core::Phone phone) override {
    return read<std::optional<core::Booking>>(
        [this, number = std::move(number), phone = std::move(phone)](Session& db) {
          return store::find_booking(db, number, phone, vault_);
        });
  }

  Awaitable<BookingPage> list_bookings(BookingQuery query) override {
    return read<BookingPage>(
        [this, query](Session& db) { return store::list_bookings(db, query, vault_); });
  }

  Awaitable<MoveOutcome> move(Transition command) override {
    return submit<MoveOutcome>(Kind::Write, [this, command = std::move(command)](
                                                Session& db, const Attempt& attempt, auto& out) {
      return store::move_booking(db, command, attempt, tools_, out);
    });
  }

  Awaitable<std::vector<core::Event>> timeline(core::BookingId booking) override {
    return read<std::vector<core::Event>>(
        [this, booking](Session& db) { return store::read_events(db, booking, vault_); });
  }

  Awaitable<std::vector<core::Booking>> find_by_name(std::string name, core::Phone phone) override {
    return read<std::vector<core::Booking>>(
        [this, name = std::move(name), phone = std::move(phone)](Session& db) {
          return store::find_by_name(db, name, phone, vault_);
        });
  }

  Awaitable<PhotoOutcome> add_photos(PhotoUpload upload) override {
    return submit<PhotoOutcome>(
        Kind::Write, [this, upload = std::move(upload)](Session& db, const Attempt&, auto& out) {
          return store::add_photos(db, upload, tools_, out);
        });
  }

  Awaitable<std::vector<Photo>> photos_of(core::BookingId booking) override {
    return read<std::vector<Photo>>(
        [booking](Session& db) { return store::photos_of(db, booking); });
  }

  Awaitable<std::vector<Photo>> photos_of_draft(TokenHash draft) override {
    return read<std::vector<Photo>>(
        [draft](Session& db) { return store::photos_of_draft(db, draft); });
  }

  Awaitable<std::optional<std::string>> photo_content(core::BookingId photo) override {
    return read<std::optional<std::string>>(
        [photo](Session& db) { return store::photo_content(db, photo); });
  }

  Awaitable<std::vector<Message>> claim_messages(MessageClaim claim) override {
    return write<std::vector<Message>>([this, claim = std::move(claim)](Session& db) {
      return store::claim_messages(db, claim, vault_);
    });
  }

  Awaitable<Done> end_message(MessageEnd end) override {
    return change([end = std::move(end)](Session& db) { store::end_message(db, end); });
  }

  Awaitable<RetentionReport> retain(RetentionRules rules, common::WallTime now,
                                    bool dry_run) override {
    if (dry_run)
      return read<RetentionReport>(
          [rules, now](Session& db) { return store::count_expired(db, rules, now); });
    return write<RetentionReport>(
        [this, rules, now](Session& db) { return store::forget_expired(db, rules, now, tools_); });
  }

  Awaitable<Erased> erase(core::Phone phone, Actor actor, common::WallTime now) override {
    return write<Erased>(
        [this, phone = std::move(phone), actor = std::move(actor), now](Session& db) {
          return store::erase_customer(db, phone, actor, now, tools_);
        });
  }

  Awaitable<Resealed> reseal(std::size_t limit) override {
    return write<Resealed>([this, limit](Session& db) { return store::reseal(db, vault_, limit); });
  }

  Awaitable<core::Taken> claims(ClaimQuery query) override {
    return read<core::Taken>(
        [query = std::move(query)](Session& db) { return store::read_claims(db, query); });
  }

  Awaitable<Done> create_session(AdminSession session, Actor actor) override {
    return change([this, session = std::move(session), actor = std::move(actor)](Session& db) {
      store::create_session(db, session, actor, entropy_);
    });
  }

  Awaitable<std::optional<AdminSession>> find_session(TokenHash token_hash,
                                                      common::WallTime now) override {
    return read<std::optional<AdminSession>>(
        [token_hash, now](Session& db) { return store::find_session(db, token_hash, now); });
  }

  Awaitable<Done> delete_session(TokenHash token_hash, Actor actor, common::WallTime now) override {
    return change([this, token_hash, actor = std::move(actor), now](Session& db) {
      store::delete_session(db, token_hash, actor, now, entropy_);
    });
  }

  Awaitable<LoginFailures> record_login_failure(std::string subject, common::WallTime now,
                                                std::chrono::seconds memory) override {
    return submit<LoginFailures>(Kind::Write, [subject = std::move(subject), now, memory](
                                                  Session& db, const Attempt&, auto& out) {
      out = store::record_login_failure(db, subject, now, memory);
      return Ending::Commit;
    });
  }

  Awaitable<LoginFailures> read_login_failures(std::string subject) override {
    return read<LoginFailures>([subject = std::move(subject)](Session& db) {
      return store::read_login_failures(db, subject);
    });
  }

  Awaitable<Done> clear_login_failures(std::string subject) override {
    return change(
        [subject = std::move(subject)](Session& db) { store::clear_login_failures(db, subject); });
  }

  Readiness readiness() const override { return backend_->readiness(); }

  Statistics statistics() const override {
    return {.operations = writes_.operations() + reads_.operations(),
            .overloaded = writes_.overloaded() + reads_.overloaded(),
            .connects = backend_->connects(),
            .lost = writes_.lost() + reads_.lost(),
            .retries = retries_,
            .queue_length = writes_.queue_length() + reads_.queue_length()};
  }

 private:
  template <class T>
  Awaitable<T> submit(Kind kind, WorkOf<T> work) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(common::Result<T>)>(
        [this, kind](auto handler, WorkOf<T> given) {
          using Handler = std::decay_t<decltype(handler)>;
          const bool writes = kind == Kind::Write;
          const auto limit = writes ? options_.write_deadline : options_.read_deadline;
          auto& pool = writes ? writes_ : reads_;
          pool.submit(std::make_unique<Operation<T, Handler>>(
              common::Clock::now() + limit, kind, std::move(given), retries_, std::move(handler)));
        },
        asio::use_awaitable, std::move(work));
  }

  /// Only reads.
  template <class T, class Reader>
  Awaitable<T> read(Reader reader) {
    return submit<T>(Kind::Read, [reader = std::move(reader)](Session& db, const Attempt&,
                                                              std::optional<T>& out) {
      out = reader(db);
      return Ending::Commit;
    });
  }

  /// Changes something and tells what came of it.
  template <class T, class Writer>
  Awaitable<T> write(Writer writer) {
    return submit<T>(Kind::Write, [writer = std::move(writer)](Session& db, const Attempt&,
                                                               std::optional<T>& out) {
      out = writer(db);
      return Ending::Commit;
    });
  }

  /// Changes something and has nothing to tell.
  template <class Writer>
  Awaitable<Done> change(Writer writer) {
    return submit<Done>(Kind::Write, [writer = std::move(writer)](Session& db, const Attempt&,
                                                                  std::optional<Done>& out) {
      writer(db);
      out = Done{};
      return Ending::Commit;
    });
  }

  std::unique_ptr<Backend> backend_;
  SqlStoreOptions options_;
  privacy::Vault vault_;
  EntropySource entropy_;
  Tools tools_{vault_, entropy_, options_.channels};
  std::atomic<std::uint64_t> retries_{0};
  WorkPool writes_;  // last: their threads use all of the above
  WorkPool reads_;
};

}  // namespace

std::unique_ptr<Store> make_sql_store(std::unique_ptr<Backend> backend, SqlStoreOptions options,
                                      privacy::Vault vault, EntropySource entropy) {
  return std::make_unique<SqlStore>(std::move(backend), std::move(options), std::move(vault),
                                    std::move(entropy));
}

}  // namespace booking::store
