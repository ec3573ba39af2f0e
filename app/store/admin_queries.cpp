#include "app/store/admin_queries.hpp"

#include "app/store/row_values.hpp"
#include "app/store/transaction.hpp"

namespace booking::store {

LoginFailures record_login_failure(Session& db, const std::string& subject, common::WallTime now,
                                   std::chrono::seconds memory) {
  const auto forgotten = micros(now - memory);
  const auto counted = db.execute(
      "UPDATE login_failure SET failures = CASE WHEN last_us < ? THEN 1 ELSE failures + 1 END, "
      "last_us = ? WHERE subject = ?",
      {forgotten, micros(now), subject});
  if (counted == 0 &&
      !db.insert("INSERT INTO login_failure (subject, failures, last_us) VALUES (?, 1, ?)",
                 {subject, micros(now)}))
    throw Again{};  // another first failure came in between: count on top of it
  return read_login_failures(db, subject);
}

LoginFailures read_login_failures(Session& db, const std::string& subject) {
  const auto rows =
      db.query("SELECT failures, last_us FROM login_failure WHERE subject = ?", {subject});
  if (rows.empty()) return {};
  return {static_cast<std::uint32_t>(rows.front().integer(0)), wall_time(rows.front().integer(1))};
}

std::array<LoginFailures, 2> read_login_failures(Session& db,
                                                 const std::array<std::string, 2>& subjects) {
  std::array<LoginFailures, 2> found;
  for (const auto& row :
       db.query("SELECT failures, last_us, subject FROM login_failure WHERE subject IN (?, ?)",
                {subjects[0], subjects[1]}))
    found.at(row.text(2) == subjects[0] ? 0 : 1) = {static_cast<std::uint32_t>(row.integer(0)),
                                                    wall_time(row.integer(1))};
  return found;
}

void clear_login_failures(Session& db, const std::string& subject) {
  db.execute("DELETE FROM login_failure WHERE subject = ?", {subject});
}

}  // namespace booking::store
