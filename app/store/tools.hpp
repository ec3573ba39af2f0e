#pragma once

#include "app/privacy/vault.hpp"
#include "app/store/store.hpp"

#include <vector>

namespace booking::store {

/// What the statements of a store need beside a session. The store's own, which outlives them.
struct Tools {
  const privacy::Vault& vault;
  const EntropySource& entropy;
  const std::vector<Channel>& channels;
};

}  // namespace booking::store
