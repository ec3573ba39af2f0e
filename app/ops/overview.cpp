#include "app/ops/overview.hpp"

#include "app/ops/read_answers.hpp"
#include "app/pair/gtid.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cmath>

namespace booking::ops {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostRows = 100;  // of each table: a page that nobody can read helps nobody

std::string without_prefix(const std::string& address) {
  return address.substr(0, address.find('/'));
}

std::string name_of_router(const json::value& router) {
  const auto* object = router.if_object();
  const auto* vrid = object == nullptr ? nullptr : object->if_contains("vrid");
  const auto number = vrid != nullptr && vrid->is_int64() ? std::to_string(vrid->get_int64()) : "";
  return text_of(router, "interface") + "/" + number;
}

/// The load balancers, and who of them holds which address.
void read_routers(const OpsOptions& options, const Answers& answers, Overview& out) {
  bool asked = false;
  bool silent = false;
  bool twice = false;
  for (const auto& balancer : options.load_balancers) {
    Node node{balancer.name, Kind::LoadBalancer, Health::NotConfigured, ""};
    if (const auto found = answers.vrrpd.find(balancer.name); found != answers.vrrpd.end()) {
      asked = true;
      const auto* routers = array_of(found->second.json, "routers");
      node.health = routers == nullptr ? Health::Absent : Health::Good;
      if (routers == nullptr) node.word = found->second.error;
      silent = silent || routers == nullptr;
      for (std::size_t i = 0; routers != nullptr && i < routers->size() && i < kMostRows; ++i) {
        const auto& router = (*routers)[i];
        const bool active = text_of(router, "state") == "Active";
        node.word += (node.word.empty() ? "" : ", ") + text_of(router, "state");
        if (!truth_of(router, "fit")) node.health = Health::Warning;
        const auto* addresses = array_of(router, "addresses");
        if (addresses == nullptr || addresses->empty() || !addresses->front().is_string()) continue;
        const auto& first = addresses->front().get_string();
        const auto address = without_prefix({first.data(), first.size()});
        auto row = std::ranges::find(out.routers, address, &Router::address);
        if (row == out.routers.end())
          row = out.routers.insert(row, {name_of_router(router), address, std::nullopt});
        if (!active) continue;
        twice = twice || row->owner;
        row->owner = row->owner ? *row->owner + ", " + balancer.name : balancer.name;
      }
    }
    if (const auto found = answers.lbd.find(balancer.name); found != answers.lbd.end()) {
      const bool answers_well = found->second.status == 200;
      if (!answers_well) {
        node.health = Health::Bad;
        node.word += (node.word.empty() ? "lbd: " : ", lbd: ") + found->second.error;
      } else if (node.health == Health::NotConfigured) {
        node.health = Health::Good;
      }
    }
    out.nodes.push_back(std::move(node));
  }
  if (!asked) return;
  const bool unheld = std::ranges::any_of(out.routers, [](const auto& row) { return !row.owner; });
  out.vip = out.routers.empty() ? Health::Absent
            : unheld || twice   ? Health::Bad
            : silent            ? Health::Warning
                                : Health::Good;
}

void read_endpoints(const Answers& answers, Overview& out) {
  if (answers.lbd.empty()) return;
  bool silent = false;
  bool down = false;
  for (const auto& [balancer, answer] : answers.lbd) {
    const auto* upstreams = answer.json.if_array();
    silent = silent || upstreams == nullptr;
    if (upstreams == nullptr) continue;
    for (const auto& upstream : *upstreams) {
      const auto* endpoints = array_of(upstream, "endpoints");
      if (endpoints == nullptr) continue;
      for (const auto& endpoint : *endpoints) {
        if (out.endpoint_rows.size() >= kMostRows) break;
        out.endpoint_rows.push_back({text_of(upstream, "name"), text_of(endpoint, "address"),
                                     text_of(endpoint, "state"), balancer});
        down = down || out.endpoint_rows.back().state != "up";
      }
    }
  }
  out.endpoints = out.endpoint_rows.empty() ? Health::Absent
                  : down || silent          ? Health::Warning
                                            : Health::Good;
}

bool writes_are_away(const boost::json::value& json) {
  const auto* const object = json.if_object();
  const auto* const writes = object != nullptr ? object->if_contains("writes") : nullptr;
  return writes != nullptr && writes->is_string() && writes->get_string() == "unavailable";
}

void read_applications(const OpsOptions& options, const Answers& answers, Overview& out) {
  for (const auto& application : options.applications) {
    Node node{application.name, Kind::Application, Health::NotConfigured, ""};
    if (const auto found = answers.applications.find(application.name);
        found != answers.applications.end()) {
      const auto& answer = found->second;
      node.health = !answer.came()                 ? Health::Absent
                    : answer.status != 200         ? Health::Bad
                    : writes_are_away(answer.json) ? Health::Warning
                                                   : Health::Good;
      node.word = answer.error;
      if (const auto* reasons = array_of(answer.json, "reasons");
          reasons != nullptr && !reasons->empty() && reasons->front().is_string())
        node.word = reasons->front().get_string().c_str();
    }
    out.nodes.push_back(std::move(node));
  }
}

void read_databases(const Answers& answers, Overview& out) {
  if (answers.databases.empty()) return;
  const auto writer = std::ranges::find_if(answers.databases, &store::NodeLook::writable);
  const auto newest = writer == answers.databases.end()
                          ? std::nullopt
                          : pair::GtidPosition::parse(writer->position);
  bool all = true;
  bool two = false;
  for (const auto& look : answers.databases) {
    DatabaseRow row{look.node, "", std::nullopt, look.error};
    Node node{look.node, Kind::Database, Health::Good, ""};
    if (!look.answers) {
      row.role = "absent";
      node.health = Health::Absent;
    } else if (look.writable) {
      row.role = look.alone ? "alone" : "primary";
      two = two || &look != &*writer;
    } else {
      row.role = "replica";
      const auto position = pair::GtidPosition::parse(look.position);
      if (position && newest) row.behind = position->missing(*newest);
    }
    all = all && look.answers;
    node.word = row.role;
    out.database_rows.push_back(std::move(row));
    out.nodes.push_back(std::move(node));
  }
  out.database = writer == answers.databases.end() || two ? Health::Bad
                 : all                                    ? Health::Good
                                                          : Health::Warning;
}

common::WallTime at_second(double seconds) {
  return common::WallTime{std::chrono::seconds{static_cast<std::int64_t>(std::floor(seconds))}};
}

void read_backup(const Answers& answers, common::WallTime now, Overview& out) {
  if (!answers.backup_metrics) return;
  const auto& answer = *answers.backup_metrics;
  if (!answer.came()) {
    out.backup = Health::Absent;
    out.backup_word = answer.error;
    return;
  }
  if (const auto last = largest_sample(answer.text, "mainstay_backup_last_good_timestamp_seconds"))
    out.last_backup = at_second(*last);
  if (const auto last =
          sample_of(answer.text, "mainstay_backup_run_timestamp_seconds{command=\"drill\"}"))
    out.last_drill = at_second(*last);
  const auto drill = sample_of(answer.text, "mainstay_backup_exit_code{command=\"drill\"}");
  out.backup = Health::Good;
  if (!out.last_drill || now - *out.last_drill > kOldDrill) {
    out.backup = Health::Warning;
    out.backup_word = "no restore drill within 8 days";
  }
  if (drill && *drill != 0) {
    out.backup = Health::Bad;
    out.backup_word = "the last restore drill failed";
  }
  if (!out.last_backup || now - *out.last_backup > kOldBackup) {
    out.backup = Health::Bad;
    out.backup_word = "no good backup within 26 hours";
  }
}

void read_alerts(const Answers& answers, Overview& out) {
  if (!answers.alertmanager) return;
  const auto* list = answers.alertmanager->json.if_array();
  if (list == nullptr) {
    out.alerts = Health::Absent;
    return;
  }
  bool critical = false;
  for (const auto& alert : *list) {
    const auto* object = alert.if_object();
    if (object == nullptr || out.alert_rows.size() >= kMostRows) continue;
    const auto* labels = object->if_contains("labels");
    const auto* notes = object->if_contains("annotations");
    Alert row{labels == nullptr ? "" : text_of(*labels, "alertname"),
              labels == nullptr ? "" : text_of(*labels, "severity"),
              notes == nullptr ? "" : text_of(*notes, "summary"), text_of(alert, "startsAt")};
    critical = critical || row.severity == "critical";
    out.alert_rows.push_back(std::move(row));
  }
  out.alerts = out.alert_rows.empty() ? Health::Good : critical ? Health::Bad : Health::Warning;
}

/// One dead node of a pair is a warning: what the pair is for has happened. Both are trouble, and
/// so is what cannot be served or restored.
Health judge(const Overview& overview) {
  bool warning = false;
  for (const auto kind : {Kind::LoadBalancer, Kind::Application}) {
    std::size_t all = 0;
    std::size_t good = 0;
    for (const auto& node : overview.nodes) {
      if (node.kind != kind || node.health == Health::NotConfigured) continue;
      ++all;
      good += node.health == Health::Good ? 1 : 0;
    }
    if (all > 0 && good == 0) return Health::Bad;
    warning = warning || good < all;
  }
  for (const auto health :
       {overview.vip, overview.endpoints, overview.database, overview.backup, overview.alerts}) {
    if (health == Health::Bad) return Health::Bad;
    warning = warning || health == Health::Warning || health == Health::Absent;
  }
  return warning ? Health::Warning : Health::Good;
}

}  // namespace

std::string_view to_string(Health health) {
  switch (health) {
    case Health::Good:
      return "good";
    case Health::Warning:
      return "warning";
    case Health::Bad:
      return "bad";
    case Health::Absent:
      return "absent";
    case Health::NotConfigured:
      break;
  }
  return "not_configured";
}

Overview make_overview(const OpsOptions& options, const Answers& answers, common::WallTime now) {
  Overview out;
  out.at = now;
  read_routers(options, answers, out);
  read_endpoints(answers, out);
  read_applications(options, answers, out);
  read_databases(answers, out);
  read_backup(answers, now, out);
  read_alerts(answers, out);
  out.overall = judge(out);
  return out;
}

}  // namespace booking::ops
