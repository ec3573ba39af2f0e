#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace lb::filters {

/// Tables by name, for the whole process: a filter of the next configuration that names the same
/// one goes on with it, so that a reload forgives nobody. One that no configuration uses any more
/// is gone.
template <class Table>
class SharedStates {
 public:
  /// Made of what `make` gives when there is none.
  template <class Make>
  static std::shared_ptr<Table> get(const std::string& name, Make make) {
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

  /// Those in use, by name.
  static std::vector<std::pair<std::string, std::shared_ptr<Table>>> all() {
    std::vector<std::pair<std::string, std::shared_ptr<Table>>> out;
    const std::lock_guard lock{mutex};
    for (const auto& [name, known] : tables)
      if (auto table = known.lock()) out.emplace_back(name, std::move(table));
    return out;
  }

 private:
  static inline std::mutex mutex;
  static inline std::map<std::string, std::weak_ptr<Table>> tables;
};

template <class Table, class Make>
std::shared_ptr<Table> shared_state(const std::string& name, Make make) {
  return SharedStates<Table>::get(name, std::move(make));
}

}  // namespace lb::filters
