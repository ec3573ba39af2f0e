#include "app/store/once_queries.hpp"

#include "app/core/idempotency.hpp"
#include "app/store/row_values.hpp"
#include "app/store/sealed_values.hpp"

#include <algorithm>

namespace booking::store {
namespace {

/// The row of a seal: an answer belongs to its request.
core::BookingId row_of(const core::Fingerprint& fingerprint) {
  core::BookingId id{};
  std::copy_n(fingerprint.begin(), id.size(), id.begin());
  return id;
}

core::Fingerprint fingerprint_of(const Once& once, const privacy::Vault& vault) {
  return vault.index("answered_request", once.request);
}

std::string sealed_body(const Once& once, const core::Fingerprint& fingerprint,
                        const privacy::Vault& vault) {
  return once.body.empty() ? std::string{}
                           : seal(vault, kAnswerColumn, row_of(fingerprint), once.body);
}

struct Kept {
  core::KeyObservation::Finished finished;
  std::int64_t status{0};
  std::string sealed;
};

std::optional<Kept> read(Session& db, const std::string& key) {
  const auto rows = db.query(
      "SELECT fingerprint, created_us, status, body FROM answered_request WHERE idempotency_key = "
      "?",
      {Blob{key}});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  return Kept{{octets_of<32>(row.text(0)), wall_time(row.integer(1))}, row.integer(2), row.text(3)};
}

/// What the key's row means for this request; nothing when its time is over.
std::optional<KnownAnswer> answer_of(const Kept& kept, const Once& once,
                                     const core::Fingerprint& fingerprint,
                                     const privacy::Vault& vault) {
  const core::KeyObservation observed{.held_by_another = false, .finished = kept.finished};
  switch (core::decide(observed, fingerprint, once.now)) {
    case core::KeyDecision::Replay:
      return Replay{static_cast<unsigned>(kept.status),
                    kept.sealed.empty()
                        ? std::string{}
                        : unseal(vault, kAnswerColumn, row_of(fingerprint), kept.sealed)};
    case core::KeyDecision::Mismatch:
      return KeyRefusal::Mismatch;
    case core::KeyDecision::Running:
      return KeyRefusal::Running;
    case core::KeyDecision::Fresh:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::optional<KnownAnswer> recall(Session& db, const Once& once, const privacy::Vault& vault) {
  const auto kept = read(db, once.key);
  return kept ? answer_of(*kept, once, fingerprint_of(once, vault), vault) : std::nullopt;
}

std::optional<KnownAnswer> keep_answer(Session& db, const Once& once, const Attempt& attempt,
                                       const privacy::Vault& vault) {
  const auto fingerprint = fingerprint_of(once, vault);
  const auto body = sealed_body(once, fingerprint, vault);
  try {
    if (db.insert(
            "INSERT INTO answered_request (idempotency_key, fingerprint, status, body, "
            "created_us) VALUES (?, ?, ?, ?, ?)",
            {Blob{once.key}, blob(fingerprint), std::int64_t{once.status}, body, micros(once.now)}))
      return std::nullopt;
  } catch (const SqlError& error) {
    // After a commit without an answer it may be our own that still waits for a replica.
    if (error.trouble() != Trouble::LockWait || attempt.maybe_committed) throw;
    return KeyRefusal::Running;
  }
  const auto kept = read(db, once.key);
  if (!kept) throw Again{};  // whoever held it has just let it go
  if (auto known = answer_of(*kept, once, fingerprint, vault)) return known;
  // Its last use is long ago: it begins a new life, for one of those who want it.
  if (db.execute(
          "UPDATE answered_request SET fingerprint = ?, status = ?, body = ?, created_us = ? "
          "WHERE idempotency_key = ? AND created_us = ?",
          {blob(fingerprint), std::int64_t{once.status}, body, micros(once.now), Blob{once.key},
           micros(kept->finished.created)}) == 0)
    throw Again{};
  return std::nullopt;
}

std::size_t reseal_answers(Session& db, const privacy::Vault& vault, std::size_t limit) {
  const auto ours = privacy::Vault::mark_of(vault.active());
  const auto rows = db.query(
      "SELECT idempotency_key, fingerprint, body FROM answered_request WHERE body <> '' AND "
      "SUBSTR(body, 1, ?) <> ? LIMIT ?",
      {static_cast<std::int64_t>(ours.size()), ours, static_cast<std::int64_t>(limit)});
  std::size_t changed = 0;
  for (const auto& row : rows)
    if (auto anew =
            sealed_anew(vault, kAnswerColumn, row_of(octets_of<32>(row.text(1))), row.text(2)))
      changed +=
          db.execute("UPDATE answered_request SET body = ? WHERE idempotency_key = ? AND body = ?",
                     {std::move(*anew), Blob{row.text(0)}, row.text(2)});
  return changed;
}

}  // namespace booking::store
