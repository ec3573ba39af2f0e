#include "common/faults_json.hpp"

#include <boost/json/object.hpp>

namespace common {

boost::json::array faults_json(const std::vector<ConfigError>& errors) {
  boost::json::array faults;
  for (const auto& error : errors)
    faults.push_back(boost::json::object{{"file", error.file},
                                         {"line", error.line},
                                         {"path", error.path},
                                         {"wrong", error.wrong},
                                         {"right", error.right}});
  return faults;
}

}  // namespace common
