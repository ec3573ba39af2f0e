#pragma once

#include "app/ops/ops_options.hpp"
#include "app/store/pair_look.hpp"
#include "common/time.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace booking::ops {

enum class Health { Good, Warning, Bad, Absent, NotConfigured };
std::string_view to_string(Health health);

/// What one question brought.
struct Answer {
  unsigned status{0};  // 0: none came
  std::string text;
  boost::json::value json;  // null when the content is none
  std::string error;        // why none came

  bool came() const { return status != 0; }
};

/// Everything that was asked in one look.
struct Answers {
  std::map<std::string, Answer> vrrpd;         // by the load balancer's name
  std::map<std::string, Answer> lbd;           // the same
  std::map<std::string, Answer> applications;  // /readyz, by name
  std::optional<Answer> alertmanager;
  std::optional<Answer> backup_metrics;
  std::vector<store::NodeLook> databases;
};

enum class Kind { LoadBalancer, Application, Database };

struct Node {
  std::string name;
  Kind kind{Kind::LoadBalancer};
  Health health{Health::NotConfigured};
  std::string word;  // what it is or lacks

  bool operator==(const Node&) const = default;
};

struct Router {
  std::string name;     // VRID and interface
  std::string address;  // the virtual one
  std::optional<std::string> owner;
};

struct EndpointRow {
  std::string upstream;
  std::string address;
  std::string state;
  std::string seen_by;
};

struct DatabaseRow {
  std::string node;
  std::string role;
  std::optional<std::uint64_t> behind;  // transactions
  std::string word;
};

struct Alert {
  std::string name;
  std::string severity;
  std::string summary;
  std::string since;  // RFC 3339
};

struct Overview {
  common::WallTime at;
  Health overall{Health::Good};
  std::vector<Node> nodes;
  Health vip{Health::NotConfigured};
  std::vector<Router> routers;
  Health endpoints{Health::NotConfigured};
  std::vector<EndpointRow> endpoint_rows;
  Health database{Health::NotConfigured};
  std::vector<DatabaseRow> database_rows;
  Health backup{Health::NotConfigured};
  std::optional<common::WallTime> last_backup;
  std::optional<common::WallTime> last_drill;
  std::string backup_word;
  Health alerts{Health::NotConfigured};
  std::vector<Alert> alert_rows;
};

/// A backup older than this, or a restore drill, is worth a look.
inline constexpr std::chrono::hours kOldBackup{26};
inline constexpr std::chrono::hours kOldDrill{24 * 8};

/// Puts the answers together. A source that was not asked is not configured, one that did not
/// answer absent; an answer nobody can read is absent as well.
Overview make_overview(const OpsOptions& options, const Answers& answers, common::WallTime now);

}  // namespace booking::ops
