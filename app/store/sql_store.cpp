#include "app/store/sql_store.hpp"

#include "app/store/admin_queries.hpp"
#include "app/store/booking_queries.hpp"
#include "app/store/event_queries.hpp"
#include "app/store/move_queries.hpp"

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
  SqlStore(std::unique_ptr<Backend> backend, SqlStoreOptions options, EntropySource entropy)
      : backend_{std::move(backend)},
        options_{options},
        entropy_{std::move(entropy)},
        writes_{backend_->writes(), options_.writers, options_.queue},
        reads_{backend_->reads(), options_.readers, options_.queue} {}

  Awaitable<CreateOutcome> create_booking(CreateBooking command) override {
    return submit<CreateOutcome>(Kind::Write, [this, command = std::move(command)](
                                                  Session& db, const Attempt& attempt, auto& out) {
      return store::create_booking(db, command, attempt, entropy_, out);
    });
  }

  Awaitable<std::optional<core::Booking>> find_booking(core::BookingNumber number,
                                                       core::Phone phone) override {
    return read<std::optional<core::Booking>>(
        [number = std::move(number), phone = std::move(phone)](Session& db) {
          return store::find_booking(db, number, phone);
        });
  }

  Awaitable<BookingPage> list_bookings(BookingQuery query) override {
    return read<BookingPage>([query](Session& db) { return store::list_bookings(db, query); });
  }

  Awaitable<MoveOutcome> move(Transition command) override {
    return submit<MoveOutcome>(Kind::Write, [this, command = std::move(command)](
                                                Session& db, const Attempt& attempt, auto& out) {
      return store::move_booking(db, command, attempt, entropy_, out);
    });
  }

  Awaitable<std::vector<core::Event>> timeline(core::BookingId booking) override {
    return read<std::vector<core::Event>>(
        [booking](Session& db) { return store::read_events(db, booking); });
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
  EntropySource entropy_;
  std::atomic<std::uint64_t> retries_{0};
  WorkPool writes_;  // last: their threads use all of the above
  WorkPool reads_;
};

}  // namespace

std::unique_ptr<Store> make_sql_store(std::unique_ptr<Backend> backend, SqlStoreOptions options,
                                      EntropySource entropy) {
  return std::make_unique<SqlStore>(std::move(backend), options, std::move(entropy));
}

}  // namespace booking::store
