#include "app/ops/watcher.hpp"

#include "app/ops/overview_json.hpp"
#include "common/admin_client.hpp"
#include "common/log.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <sstream>

namespace booking::ops {
namespace {

constexpr common::Log kLog{"booking.ops"};
constexpr std::size_t kMostMetricFiles = 20;

Answer ask_http(const std::string& address, const std::string& path,
                std::chrono::milliseconds limit, const common::AdminTrust& trust) {
  const std::uint16_t port = address.starts_with("https:") ? 443 : 80;
  const common::AdminClient client{{"bookd", port}, address, {}, limit, trust};
  auto reply = client.ask("GET", path);
  if (!reply) return {0, {}, {}, reply.error()};
  return {reply->status, std::move(reply->text), std::move(reply->json), {}};
}

/// The .prom files of a node exporter's textfile collector, as one text.
Answer read_folder(const std::string& folder) {
  std::error_code error;
  std::string text;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder, error}) {
    if (entry.path().extension() != ".prom" || ++files > kMostMetricFiles) continue;
    std::ifstream file{entry.path()};
    std::ostringstream content;
    content << file.rdbuf();
    text += content.str();
  }
  if (error) return {0, {}, {}, folder + ": " + error.message()};
  return {200, std::move(text), {}, {}};
}

}  // namespace

Watcher::Watcher(OpsOptions options, DatabaseLook look)
    : options_{std::move(options)}, look_{std::move(look)}, thread_{[this] { run(); }} {}

Watcher::~Watcher() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stop_there_.notify_all();
}

Watcher::Snapshot Watcher::snapshot() const {
  const std::lock_guard lock{mutex_};
  return snapshot_;
}

void Watcher::run() {
  while (true) {
    try {
      const auto answers = ask();
      publish(make_overview(options_, answers, common::wall_now()));
    } catch (const std::exception& error) {
      // No thread for a question, an answer nobody foresaw: the last overview stays.
      kLog.warn("cannot look around", {{"reason", error.what()}});
    }
    std::unique_lock lock{mutex_};
    if (stop_there_.wait_for(lock, options_.interval, [this] { return stopping_; })) return;
  }
}

/// All at once, so that a look takes no longer than its slowest question.
Answers Watcher::ask() const {
  using Pending = std::future<Answer>;
  const auto begin = [this](const std::string& address, const std::string& path) {
    return std::async(std::launch::async, ask_http, address, path, options_.deadline,
                      std::cref(options_.trust));
  };
  std::map<std::string, Pending> vrrpd;
  std::map<std::string, Pending> lbd;
  std::map<std::string, Pending> applications;
  for (const auto& balancer : options_.load_balancers) {
    if (!balancer.vrrpd.empty())
      vrrpd.emplace(balancer.name, begin(balancer.vrrpd, "/api/v1/status"));
    if (!balancer.lbd.empty()) lbd.emplace(balancer.name, begin(balancer.lbd, "/api/v1/upstreams"));
  }
  for (const auto& application : options_.applications)
    applications.emplace(application.name, begin(application.address, "/readyz"));
  std::optional<Pending> alertmanager;
  if (!options_.alertmanager.empty())
    alertmanager =
        begin(options_.alertmanager, "/api/v2/alerts?active=true&silenced=false&inhibited=false");
  Answers answers;
  if (options_.backup_metrics.starts_with("http"))
    answers.backup_metrics =
        ask_http(options_.backup_metrics, "/metrics", options_.deadline, options_.trust);
  else if (!options_.backup_metrics.empty())
    answers.backup_metrics = read_folder(options_.backup_metrics);
  answers.databases = look_();
  for (auto& [name, pending] : vrrpd) answers.vrrpd.emplace(name, pending.get());
  for (auto& [name, pending] : lbd) answers.lbd.emplace(name, pending.get());
  for (auto& [name, pending] : applications) answers.applications.emplace(name, pending.get());
  if (alertmanager) answers.alertmanager = alertmanager->get();
  return answers;
}

void Watcher::publish(Overview overview) {
  const std::lock_guard lock{mutex_};
  if (last_)
    for (auto& event : differences(*last_, overview)) events_.push_front(std::move(event));
  if (events_.size() > kMostEvents) events_.resize(kMostEvents);
  const std::vector<Event> shown{events_.begin(), events_.end()};
  snapshot_ = {snapshot_.version + 1, overview_json(overview, shown)};
  last_ = std::move(overview);
}

}  // namespace booking::ops
