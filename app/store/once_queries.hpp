#pragma once

#include "app/store/once.hpp"
#include "app/store/session.hpp"
#include "app/store/sql_runner.hpp"
#include "app/store/tools.hpp"
#include "app/store/transaction.hpp"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace booking::store {

// The SQL of answers that are kept with their keys.

using KnownAnswer = std::variant<Replay, KeyRefusal>;

/// What was answered to this key before; nothing when it is new. Changes nothing.
std::optional<KnownAnswer> recall(Session& db, const Once& once, const privacy::Vault& vault);

/// Takes the key and keeps its answer with it, or says why not. The insertion lets one of several
/// requests with one key through and makes the others wait for its end.
std::optional<KnownAnswer> keep_answer(Session& db, const Once& once, const Attempt& attempt,
                                       const privacy::Vault& vault);

/// One page of answers that another key than the active one sealed, sealed anew; how many.
std::size_t reseal_answers(Session& db, const privacy::Vault& vault, std::size_t limit);

/// Whether the outcome is one that is kept: what was refused may be asked for again.
template <class T>
bool went_through(const T& outcome) {
  if constexpr (std::is_enum_v<T>)
    return outcome == T::Done;
  else
    return true;
}

/// `work` under the key: key, answer and change are one transaction.
template <class T>
WorkOf<Keyed<T>> under_key(Once once, const Tools& tools, WorkOf<T> work) {
  return [once = std::move(once), &tools, work = std::move(work)](
             Session& db, const Attempt& attempt, std::optional<Keyed<T>>& out) {
    if (auto known = keep_answer(db, once, attempt, tools.vault)) {
      std::visit([&out](auto& answer) { out = std::move(answer); }, *known);
      return Ending::RollBack;
    }
    std::optional<T> made;
    const auto ending = work(db, attempt, made);
    const bool kept = went_through(*made);
    out = std::move(*made);
    return kept ? ending : Ending::RollBack;
  };
}

}  // namespace booking::store
