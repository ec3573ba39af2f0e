#include "common/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <iterator>
#include <utility>

namespace common {

std::string Metrics::text() const {
  auto families = registry_->Collect();
  for (const auto& source : sources_) {
    const auto alive = source.lock();
    if (!alive) continue;
    auto more = alive->Collect();
    families.insert(families.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
  }
  return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace common
