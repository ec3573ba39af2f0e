#pragma once

#include "app/store/office.hpp"
#include "app/store/session.hpp"
#include "app/store/store.hpp"
#include "app/store/tools.hpp"
#include "app/store/transaction.hpp"

#include <optional>
#include <vector>

namespace booking::store {

// The SQL of customers: found by number, noted, blocked, merged and parted.

std::vector<Customer> find_customers(Session& db, const CustomerQuery& query,
                                     const privacy::Vault& vault);
std::optional<CustomerFile> customer_file(Session& db, const core::BookingId& id,
                                          const privacy::Vault& vault);
Ending change_customer(Session& db, const CustomerChange& change, const Tools& tools,
                       std::optional<CustomerOutcome>& out);
/// Makes one customer of two, or two of one again.
using Joining = Ending(Session& db, const CustomerMerge& merge, const Attempt& attempt,
                       const EntropySource& entropy, std::optional<MergeOutcome>& out);
Ending merge_customers(Session& db, const CustomerMerge& merge, const Attempt& attempt,
                       const EntropySource& entropy, std::optional<MergeOutcome>& out);
Ending unmerge_customers(Session& db, const CustomerMerge& merge, const Attempt& attempt,
                         const EntropySource& entropy, std::optional<MergeOutcome>& out);

}  // namespace booking::store
