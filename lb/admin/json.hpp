#pragma once

#include "lb/admin/control.hpp"
#include "lb/admin/rates.hpp"

#include <boost/json/value.hpp>

namespace lb::admin {

// Status as JSON: members in snake_case, times of day as RFC 3339 in UTC, durations in the unit
// their name ends with. What is not known is null; members are added, never renamed.

boost::json::value to_json(const ProcessStatus& process, common::WallTime now);
boost::json::value to_json(const Totals& totals);
boost::json::value to_json(const Sample& sample);
boost::json::value to_json(const ListenerStatus& listener);
boost::json::value to_json(const RouteStatus& route);
boost::json::value to_json(const EndpointStatus& endpoint);
boost::json::value to_json(const UpstreamStatus& upstream);
boost::json::value to_json(const RecentError& error);
boost::json::value to_json(const ConfigFault& fault);
boost::json::value to_json(const CertificateStatus& certificate);
boost::json::value to_json(const SessionStatus& session);
boost::json::value to_json(const Sessions& sessions);
boost::json::value to_json(const Status& status, const Sample& latest, common::WallTime now);

template <class T>
boost::json::value list_json(const std::vector<T>& items) {
  boost::json::array out;
  for (const auto& item : items) out.push_back(to_json(item));
  return out;
}

std::string_view to_string(common::LogLevel level);
std::optional<common::LogLevel> parse_log_level(std::string_view text);

}  // namespace lb::admin
