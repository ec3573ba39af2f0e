#include "vrrpd/hostcheck/report.hpp"

#include "common/faults_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace vrrp::hostcheck {

namespace json = boost::json;

namespace {

const char* name_of(Severity severity) { return severity == Severity::Error ? "error" : "warning"; }

}  // namespace

bool has_error(const std::vector<Finding>& findings) {
  return std::ranges::any_of(findings,
                             [](const auto& one) { return one.severity == Severity::Error; });
}

std::string to_text(const std::vector<Finding>& findings) {
  std::string out;
  for (const auto& one : findings) {
    out += name_of(one.severity);
    out += ": " + (one.about.empty() ? "" : one.about + ": ") + one.wrong + "; " + one.right +
           " (" + one.rule + ")\n";
  }
  return out;
}

std::string to_json(const std::vector<common::ConfigError>& faults,
                    const std::vector<Finding>& findings) {
  json::array found;
  for (const auto& one : findings)
    found.push_back(json::object{{"severity", name_of(one.severity)},
                                 {"rule", one.rule},
                                 {"about", one.about},
                                 {"wrong", one.wrong},
                                 {"right", one.right}});
  return json::serialize(json::object{{"right", faults.empty() && !has_error(findings)},
                                      {"faults", common::faults_json(faults)},
                                      {"findings", found}}) +
         '\n';
}

}  // namespace vrrp::hostcheck
