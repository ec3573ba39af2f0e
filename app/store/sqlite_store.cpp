#include "app/store/sqlite_store.hpp"

#include "app/store/migrations.hpp"
#include "app/store/row_values.hpp"
#include "app/store/sql_store.hpp"
#include "app/store/sqlite_session.hpp"
#include "common/log.hpp"

#include <mutex>

namespace booking::store {
namespace {

constexpr common::Log kLog{"booking.store"};

constexpr std::int64_t kMostOpenings = 1 << 30;  // counted in the file, from there anew

/// What the file said last. Thread-safe.
class FileState {
 public:
  explicit FileState(std::string file) : file_{std::move(file)} {}

  const std::string& file() const { return file_; }
  std::string trouble() const {
    const std::lock_guard lock{mutex_};
    return trouble_;
  }
  void tell(const std::string& trouble) {
    {
      const std::lock_guard lock{mutex_};
      if (trouble_ == trouble) return;
      trouble_ = trouble;
    }
    if (trouble.empty())
      kLog.info("the database file is right again", {{"file", file_}});
    else
      kLog.error("the database file gives trouble", {{"why", trouble}});
  }
  std::atomic<std::uint64_t> connects{0};

 private:
  const std::string file_;
  mutable std::mutex mutex_;
  std::string trouble_;
};

class FileSource final : public Source {
 public:
  FileSource(FileState& state, Kind kind) : state_{state}, kind_{kind} {}

  std::unique_ptr<Session> open() override {
    auto session = std::make_unique<SqliteSession>(state_.file());
    if (kind_ == Kind::Write) {
      // A file that opens may still be on a disk that is full: write something that differs.
      const auto opened = session->query("PRAGMA user_version", {}).at(0).integer(0);
      session->run("PRAGMA user_version = " + std::to_string((opened + 1) % kMostOpenings));
      state_.tell("");
    }
    ++state_.connects;
    return session;
  }
  std::uint64_t generation() const override { return 0; }
  void doubt(const SqlError& why) override { state_.tell(why.what()); }

 private:
  FileState& state_;
  Kind kind_;
};

class FileBackend final : public Backend {
 public:
  explicit FileBackend(std::string file) : state_{std::move(file)} {
    SqliteSession session{state_.file()};
    session.begin();  // one program at a time; undone with the session
    if (const auto mismatch = apply_migrations(session, micros(common::wall_now())))
      throw std::runtime_error{state_.file() + ": " + *mismatch};
    session.run("COMMIT");
  }

  Source& writes() override { return writes_; }
  Source& reads() override { return reads_; }
  Readiness readiness() const override {
    const auto trouble = state_.trouble();
    Readiness found{.reachable = true,
                    .schema_ok = true,
                    .writable = trouble.empty(),
                    .readable = trouble.empty(),
                    .reasons = {}};
    if (!trouble.empty()) found.reasons.push_back(trouble);
    return found;
  }
  std::uint64_t connects() const override { return state_.connects; }

 private:
  FileState state_;
  FileSource writes_{state_, Kind::Write};
  FileSource reads_{state_, Kind::Read};
};

}  // namespace

std::unique_ptr<Store> open_sqlite_store(SqliteOptions options, privacy::Vault vault,
                                         EntropySource entropy) {
  const SqlStoreOptions of_store{.writers = 1,
                                 .readers = options.readers,
                                 .queue = options.queue,
                                 .read_deadline = options.deadline,
                                 .write_deadline = options.deadline,
                                 .channels = options.channels};
  return make_sql_store(std::make_unique<FileBackend>(std::move(options.file)), of_store,
                        std::move(vault), std::move(entropy));
}

}  // namespace booking::store
