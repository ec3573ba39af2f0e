#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace lb::filters {

/// Tables by name, for the whole process: a filter of the next configuration that names the same
/// one goes on with it, so that a reload forgives nobody. One that no configuration uses any more
/// is gone. `Table` is made of what `make` gives.
template <class Table, class Make>
std::shared_ptr<Table> shared_state(const std::string& name, Make make) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<Table>> tables;
  const std::lock_guard lock{mutex};
  std::erase_if(tables, [](const auto& entry) { return entry.second.expired(); });
  auto& known = tables[name];
  auto table = known.lock();
  if (!table) {
    table = make();
    known = table;
  }
  return table;
}

}  // namespace lb::filters
