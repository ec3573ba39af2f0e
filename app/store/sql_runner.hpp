#pragma once

#include "app/store/sql_store.hpp"
#include "app/store/transaction.hpp"
#include "app/store/work_pool.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace booking::store {

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
        executor_{boost::asio::get_associated_executor(handler)},
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
  using Executor = boost::asio::associated_executor_t<Handler>;

  void finish(common::Result<T> result) {
    boost::asio::post(executor_,
                      [handler = std::move(handler_), result = std::move(result)]() mutable {
                        handler(std::move(result));
                      });
    guard_.reset();
  }

  Kind kind_;
  WorkOf<T> work_;
  std::atomic<std::uint64_t>& retries_;
  Executor executor_;
  boost::asio::executor_work_guard<Executor>
      guard_;  // whoever awaits must not run out of work meanwhile
  Handler handler_;
};

/// Runs operations on two pools: reads do not wait behind writes that are held.
class SqlRunner {
 public:
  SqlRunner(Backend& backend, const SqlStoreOptions& options)
      : options_{options},
        writes_{backend.writes(), options.writers, options.queue},
        reads_{backend.reads(), options.readers, options.queue} {}

  template <class T>
  Awaitable<T> submit(Kind kind, WorkOf<T> work) {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&,
                                       void(common::Result<T>)>(
        [this, kind](auto handler, WorkOf<T> given) {
          using Handler = std::decay_t<decltype(handler)>;
          const bool writes = kind == Kind::Write;
          const auto limit = writes ? options_.write_deadline : options_.read_deadline;
          auto& pool = writes ? writes_ : reads_;
          pool.submit(std::make_unique<Operation<T, Handler>>(
              common::Clock::now() + limit, kind, std::move(given), retries_, std::move(handler)));
        },
        boost::asio::use_awaitable, std::move(work));
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

  /// Changes something and tells a T. Doing it again must be harmless: after a commit without an
  /// answer it is done again.
  template <class T, class Writer>
  Awaitable<T> write(Writer writer) {
    return submit<T>(Kind::Write, [writer = std::move(writer)](Session& db, const Attempt&,
                                                               std::optional<T>& out) {
      out = writer(db);
      return Ending::Commit;
    });
  }

  /// The same, with nothing to tell.
  template <class Writer>
  Awaitable<Done> change(Writer writer) {
    return write<Done>([writer = std::move(writer)](Session& db) {
      writer(db);
      return Done{};
    });
  }

  /// Everything but `connects`, which the backend counts.
  Statistics statistics() const {
    return {.operations = writes_.operations() + reads_.operations(),
            .overloaded = writes_.overloaded() + reads_.overloaded(),
            .connects = 0,
            .lost = writes_.lost() + reads_.lost(),
            .retries = retries_,
            .queue_length = writes_.queue_length() + reads_.queue_length()};
  }

 private:
  SqlStoreOptions options_;
  std::atomic<std::uint64_t> retries_{0};
  WorkPool writes_;  // last: their threads use all of the above
  WorkPool reads_;
};

}  // namespace booking::store
