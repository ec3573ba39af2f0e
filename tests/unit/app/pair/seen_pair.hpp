#pragma once

#include "app/pair/planners.hpp"

#include <string>
#include <vector>

namespace booking::pair::testing {

/// db1 is the primary, db2 its replica; in sync, epoch 3, up to 0-31-100.
PairSeen healthy();
/// The same after db1 died: db2 has received up to `received` and applied up to `applied`.
PairSeen primary_died(const char* received = "0-31-100", const char* applied = "0-31-100");
/// db1 is back, closed, nothing to replicate from, up to `position`; db2 is the primary of epoch 4,
/// alone.
PairSeen old_primary_back(const char* log = "0-31-100", const char* position = "0-31-100");

Terms terms();
GtidPosition position(const char* text);
GtidState state(const char* text);
void unreachable(NodeSeen& node);

/// What the rule says; Word::Holds when it says nothing at all.
Word word_of(const Plan& plan, const std::string& rule);
std::string because_of(const Plan& plan, const std::string& rule);
/// `node: text` of every step, in order.
std::vector<std::string> steps_of(const Plan& plan);
/// The first step whose text begins so; the number of steps when there is none.
std::size_t index_of(const Plan& plan, const std::string& beginning);
bool has_step(const Plan& plan, const std::string& beginning);

}  // namespace booking::pair::testing
