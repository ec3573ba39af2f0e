#include "app/ops/overview_json.hpp"

#include "app/core/civil_time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace booking::ops {
namespace {

namespace json = boost::json;

json::string text(std::string_view value) { return json::string{value.data(), value.size()}; }
json::string text(Health health) { return text(to_string(health)); }
json::string text(common::WallTime time) { return text(core::format_rfc3339(time)); }
json::value time_or_null(const std::optional<common::WallTime>& time) {
  if (!time) return nullptr;
  return text(*time);
}

std::string_view kind_of(const Node& node) {
  if (node.kind == Kind::LoadBalancer) return "lb";
  return node.kind == Kind::Application ? "app" : "db";
}

json::object view(const Node& node) {
  return {{"name", text(node.name)},
          {"kind", text(kind_of(node))},
          {"health", text(node.health)},
          {"word", text(node.word)}};
}

json::object view(const Router& router) {
  json::value owner = nullptr;
  if (router.owner) owner = text(*router.owner);
  return {{"name", text(router.name)}, {"address", text(router.address)}, {"owner", owner}};
}

json::object view(const EndpointRow& row) {
  return {{"upstream", text(row.upstream)},
          {"address", text(row.address)},
          {"state", text(row.state)},
          {"seen_by", text(row.seen_by)}};
}

json::object view(const DatabaseRow& row) {
  json::value behind = nullptr;
  if (row.behind) behind = *row.behind;
  return {{"node", text(row.node)},
          {"role", text(row.role)},
          {"transactions_behind", behind},
          {"word", text(row.word)}};
}

json::object view(const Alert& alert) {
  return {{"name", text(alert.name)},
          {"severity", text(alert.severity)},
          {"summary", text(alert.summary)},
          {"since", text(alert.since)}};
}

json::object view(const Event& event) {
  return {{"at", text(event.at)}, {"severity", text(event.severity)}, {"text", text(event.text)}};
}

template <class Rows>
json::array list(const Rows& rows) {
  json::array out;
  for (const auto& row : rows) out.push_back(view(row));
  return out;
}

}  // namespace

std::string overview_json(const Overview& overview, std::span<const Event> events) {
  const auto part = [](Health health, json::array rows) {
    return json::object{{"health", text(health)}, {"rows", std::move(rows)}};
  };
  return json::serialize(json::object{
      {"at", text(overview.at)},
      {"overall", text(overview.overall)},
      {"nodes", list(overview.nodes)},
      {"vip", json::object{{"health", text(overview.vip)}, {"routers", list(overview.routers)}}},
      {"endpoints", part(overview.endpoints, list(overview.endpoint_rows))},
      {"database", part(overview.database, list(overview.database_rows))},
      {"backup", json::object{{"health", text(overview.backup)},
                              {"last_backup", time_or_null(overview.last_backup)},
                              {"last_drill", time_or_null(overview.last_drill)},
                              {"word", text(overview.backup_word)}}},
      {"alerts", part(overview.alerts, list(overview.alert_rows))},
      {"events", list(events)}});
}

}  // namespace booking::ops
