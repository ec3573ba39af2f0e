#include "app/store/mariadb_store.hpp"

#include "app/store/admin_queries.hpp"
#include "app/store/booking_queries.hpp"
#include "app/store/cluster.hpp"
#include "app/store/keeper.hpp"
#include "app/store/transaction.hpp"
#include "app/store/work_pool.hpp"
#include "common/contract.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <mysql.h>
#include <utility>

namespace booking::store {
namespace {

namespace asio = boost::asio;

/// The work of an operation whose outcome is a T.
template <class T>
using WorkOf = std::function<Ending(Connection&, const Attempt&, std::optional<T>&)>;

/// An operation under way: runs on a lane, comes back on the executor of whoever awaits it.
template <class T, class Handler>
class Operation final : public Job {
 public:
  using Runner =
      std::function<boost::system::error_code(Lane&, Kind, const Work&, common::TimePoint)>;

  Operation(common::TimePoint deadline, Kind kind, WorkOf<T> work, Runner runner, Handler handler)
      : Job{deadline},
        kind_{kind},
        work_{std::move(work)},
        runner_{std::move(runner)},
        executor_{asio::get_associated_executor(handler)},
        guard_{executor_},
        handler_{std::move(handler)} {}

  void run(Lane& lane) override {
    std::optional<T> out;
    const auto error = runner_(
        lane, kind_,
        [this, &out](Connection& db, const Attempt& attempt) {
          out.reset();
          return work_(db, attempt, out);
        },
        deadline());
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
  Runner runner_;
  Executor executor_;
  asio::executor_work_guard<Executor> guard_;  // whoever awaits must not run out of work meanwhile
  Handler handler_;
};

class MariadbStore final : public Store {
 public:
  MariadbStore(MariadbOptions options, EntropySource entropy)
      : options_{std::move(options)},
        entropy_{std::move(entropy)},
        cluster_{options_},
        keeper_{cluster_, options_},
        pool_{cluster_, options_.connections, options_.queue} {}

  Awaitable<CreateOutcome> create_booking(CreateBooking command) override {
    return submit<CreateOutcome>(Kind::Write, [this, command = std::move(command)](
                                                  Connection& db, const Attempt&, auto& out) {
      return store::create_booking(db, command, entropy_, out);
    });
  }

  Awaitable<std::optional<core::Booking>> find_booking(core::BookingNumber number,
                                                       core::Phone phone) override {
    return read<std::optional<core::Booking>>(
        [number = std::move(number), phone = std::move(phone)](Connection& db) {
          return store::find_booking(db, number, phone);
        });
  }

  Awaitable<BookingPage> list_bookings(BookingQuery query) override {
    return read<BookingPage>([query](Connection& db) { return store::list_bookings(db, query); });
  }

  Awaitable<ApproveOutcome> approve(Approval command) override {
    return submit<ApproveOutcome>(
        Kind::Write,
        [this, command = std::move(command)](Connection& db, const Attempt& attempt, auto& out) {
          return store::approve(db, command, attempt, entropy_, out);
        });
  }

  Awaitable<Done> create_session(AdminSession session, Actor actor) override {
    return change([this, session = std::move(session), actor = std::move(actor)](Connection& db) {
      store::create_session(db, session, actor, entropy_);
    });
  }

  Awaitable<std::optional<AdminSession>> find_session(TokenHash token_hash,
                                                      common::WallTime now) override {
    return read<std::optional<AdminSession>>(
        [token_hash, now](Connection& db) { return store::find_session(db, token_hash, now); });
  }

  Awaitable<Done> delete_session(TokenHash token_hash, Actor actor, common::WallTime now) override {
    return change([this, token_hash, actor = std::move(actor), now](Connection& db) {
      store::delete_session(db, token_hash, actor, now, entropy_);
    });
  }

  Awaitable<LoginFailures> record_login_failure(std::string subject, common::WallTime now,
                                                std::chrono::seconds memory) override {
    return submit<LoginFailures>(Kind::Write, [subject = std::move(subject), now, memory](
                                                  Connection& db, const Attempt&, auto& out) {
      out = store::record_login_failure(db, subject, now, memory);
      return Ending::Commit;
    });
  }

  Awaitable<LoginFailures> read_login_failures(std::string subject) override {
    return read<LoginFailures>([subject = std::move(subject)](Connection& db) {
      return store::read_login_failures(db, subject);
    });
  }

  Awaitable<Done> clear_login_failures(std::string subject) override {
    return change([subject = std::move(subject)](Connection& db) {
      store::clear_login_failures(db, subject);
    });
  }

  Readiness readiness() const override { return keeper_.readiness(); }

  Statistics statistics() const override {
    return {.operations = pool_.operations(),
            .overloaded = pool_.overloaded(),
            .connects = cluster_.connects(),
            .lost = pool_.lost(),
            .retries = retries_,
            .queue_length = pool_.queue_length()};
  }

 private:
  template <class T>
  Awaitable<T> submit(Kind kind, WorkOf<T> work) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(common::Result<T>)>(
        [this, kind](auto handler, WorkOf<T> given) {
          using Handler = std::decay_t<decltype(handler)>;
          auto run = [this](Lane& lane, Kind k, const Work& w, common::TimePoint deadline) {
            return perform_on(lane, k, w, deadline);
          };
          pool_.submit(std::make_unique<Operation<T, Handler>>(
              common::Clock::now() + options_.deadline, kind, std::move(given), std::move(run),
              std::move(handler)));
        },
        asio::use_awaitable, std::move(work));
  }

  /// Only reads.
  template <class T, class Reader>
  Awaitable<T> read(Reader reader) {
    return submit<T>(Kind::Read, [reader = std::move(reader)](Connection& db, const Attempt&,
                                                              std::optional<T>& out) {
      out = reader(db);
      return Ending::Commit;
    });
  }

  /// Changes something and has nothing to tell.
  template <class Writer>
  Awaitable<Done> change(Writer writer) {
    return submit<Done>(Kind::Write, [writer = std::move(writer)](Connection& db, const Attempt&,
                                                                  std::optional<Done>& out) {
      writer(db);
      out = Done{};
      return Ending::Commit;
    });
  }

  boost::system::error_code perform_on(Lane& lane, Kind kind, const Work& work,
                                       common::TimePoint deadline) {
    switch (keeper_.schema()) {
      case Keeper::Schema::Unknown:
        return Errc::Unavailable;
      case Keeper::Schema::Wrong:
        return Errc::SchemaMismatch;
      case Keeper::Schema::Right:
        break;
    }
    return perform(lane, cluster_, kind, work, deadline, retries_);
  }

  MariadbOptions options_;
  EntropySource entropy_;
  Cluster cluster_;
  Keeper keeper_;
  std::atomic<std::uint64_t> retries_{0};
  WorkPool pool_;  // last: its threads use all of the above
};

}  // namespace

std::unique_ptr<Store> open_mariadb_store(MariadbOptions options, EntropySource entropy) {
  // Before any thread uses the library; later calls do nothing.
  common::expects(mysql_library_init(0, nullptr, nullptr) == 0, "the client library starts");
  common::expects(!options.nodes.empty() && options.connections > 0 && options.queue > 0,
                  "a store has a node, a connection and room for one operation");
  return std::make_unique<MariadbStore>(std::move(options), std::move(entropy));
}

}  // namespace booking::store
