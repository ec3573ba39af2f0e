#include "lb/telemetry/series.hpp"

#include "lb/telemetry/collector.hpp"
#include "tests/support/catch.hpp"

#include <prometheus/text_serializer.h>

namespace lb::telemetry {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kGet = 1;

std::string scrape(const SeriesRegistry& registry,
                   std::vector<std::shared_ptr<const WorkerCounters>> workers,
                   std::vector<EndpointSample> endpoints = {}) {
  Sources sources;
  sources.workers = std::move(workers);
  sources.control = std::make_shared<ControlCounters>();
  sources.refusals = {"no_route"};
  sources.methods = {"other", "GET", "HEAD", "POST"};
  sources.series = [&registry] { return registry.current(); };
  sources.endpoints = [endpoints] { return endpoints; };
  sources.upstreams = [] { return std::vector<UpstreamSample>{{"app", true}}; };
  sources.is_draining = [] { return false; };
  return prometheus::TextSerializer{}.Serialize(Collector{std::move(sources)}.Collect());
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string requests(std::string_view listener, std::string_view route, std::string_view rest) {
  return "lbd_http_requests_total{listener=\"" + std::string{listener} + "\",route=\"" +
         std::string{route} + "\"," + std::string{rest} + "\n";
}

const std::vector<std::shared_ptr<const WorkerCounters>> kTwoWorkers{
    std::make_shared<WorkerCounters>(), std::make_shared<WorkerCounters>()};

}  // namespace

TEST_CASE("A duration falls into the first bucket whose bound it does not pass",
          "[lb][telemetry]") {
  DurationHistogram histogram;
  histogram.add(microseconds{500});
  histogram.add(microseconds{501});
  histogram.add(std::chrono::seconds{11});
  CHECK(histogram.buckets[0].value() == 1);
  CHECK(histogram.buckets[1].value() == 1);
  CHECK(histogram.buckets[kDurationBounds.size()].value() == 1);
  CHECK(histogram.sum_us.value() == 11'001'001);
}

TEST_CASE("Requests are summed over workers, by listener, route, method and status",
          "[lb][telemetry]") {
  SeriesRegistry registry{2};
  const auto series = registry.install({{"web", "inner"}, {"site", "api"}, {"app"}});
  const auto web = series->listener("web");
  series->http(web, 1).of(0).add(kGet, 200, microseconds{100});
  series->http(web, 1).of(1).add(kGet, 200, microseconds{100});
  series->http(web, 1).of(1).add(kGet, 503, microseconds{100});
  series->http(web, 0).of(0).add(0, 299, microseconds{100});
  series->http(web, Series::kNoRoute).of(0).add(0, 400);
  series->http(web, 1).of(0).add(kGet, 99, microseconds{100});    // no status
  series->http(web, 1).of(0).add(kGet, 0, microseconds{100});     // nobody was answered
  series->http(web, 1).of(0).add(kGet, 1000, microseconds{100});  // no status
  const auto text = scrape(registry, kTwoWorkers);
  CHECK(has(text, requests("web", "api", "method=\"GET\",code=\"200\"} 2")));
  CHECK(has(text, requests("web", "api", "method=\"GET\",code=\"503\"} 1")));
  CHECK(has(text, requests("web", "site", "method=\"other\",code=\"299\"} 1")));
  CHECK(has(text, requests("web", "none", "method=\"other\",code=\"400\"} 1")));
  CHECK_FALSE(has(text, "listener=\"inner\""));
  CHECK_FALSE(has(text, "code=\"0\""));
  CHECK(has(text, "lbd_http_request_duration_seconds_count{route=\"api\"} 6\n"));
  CHECK(has(text, "lbd_http_request_duration_seconds_count{route=\"none\"} 0\n"));
}

TEST_CASE("Over a reload what stays goes on counting and what is gone disappears",
          "[lb][telemetry]") {
  SeriesRegistry registry{1};
  const auto before = registry.install({{"web", "old"}, {"site", "api"}, {"app", "blog"}});
  const auto web = before->listener("web");
  const auto old = before->listener("old");
  before->http(web, 1).of(0).add(kGet, 200, microseconds{100});
  before->http(old, 0).of(0).add(kGet, 200, microseconds{100});
  before->upstream(1).by_worker[0].queue_full.add();

  const auto after = registry.install({{"new", "web"}, {"api", "shop"}, {"blog"}});
  CHECK(after->listener("web") == web);
  CHECK(after->listener("new") != old);
  CHECK(&after->http(web, 0) == &before->http(web, 1));
  CHECK(&after->upstream(0) == &before->upstream(1));
  after->http(web, 0).of(0).add(kGet, 200, microseconds{100});
  // A connection from before, on a listener that is gone, and an exchange that keeps the old table.
  after->http(old, 1).of(0).add(kGet, 200, microseconds{100});
  before->http(old, 0).of(0).add(kGet, 200, microseconds{100});
  const auto text = scrape(registry, {kTwoWorkers[0]});
  CHECK(has(text, requests("web", "api", "method=\"GET\",code=\"200\"} 2")));
  CHECK(has(text, requests("none", "shop", "method=\"GET\",code=\"200\"} 1")));
  CHECK_FALSE(has(text, "listener=\"old\""));
  CHECK_FALSE(has(text, "route=\"site\""));
  CHECK(has(text, "lbd_upstream_queue_refused_total{upstream=\"blog\",reason=\"full\"} 1\n"));
  CHECK_FALSE(has(text, "lbd_upstream_queued{upstream=\"app\"}"));
}

TEST_CASE("Routes of one name are one sample", "[lb][telemetry]") {
  SeriesRegistry registry{1};
  const auto series = registry.install({{"web"}, {"api", "api"}, {}});
  series->http(0, 0).of(0).add(kGet, 200, microseconds{100});
  series->http(0, 1).of(0).add(kGet, 200, microseconds{100});
  const auto text = scrape(registry, {kTwoWorkers[0]});
  CHECK(has(text, requests("web", "api", "method=\"GET\",code=\"200\"} 2")));
  CHECK(has(text, "lbd_http_request_duration_seconds_count{route=\"api\"} 2\n"));
}

TEST_CASE("Endpoints are those of the moment, with their outcomes", "[lb][telemetry]") {
  SeriesRegistry registry{2};
  auto counters = std::make_shared<std::vector<EndpointCounters>>(2);
  (*counters)[0].add(Outcome::Answered);
  (*counters)[1].add(Outcome::Answered);
  (*counters)[1].add(Outcome::ConnectTimeout);
  (*counters)[1].answering.add(microseconds{700});
  const auto text = scrape(registry, kTwoWorkers,
                           {{.upstream = "app",
                             .endpoint = "10.0.0.1:80",
                             .usable = false,
                             .draining = true,
                             .in_flight = 3,
                             .by_worker = counters}});
  const std::string labels = "{upstream=\"app\",endpoint=\"10.0.0.1:80\"";
  CHECK(has(text, "lbd_upstream_requests_total" + labels + ",outcome=\"answered\"} 2\n"));
  CHECK(has(text, "lbd_upstream_requests_total" + labels + ",outcome=\"connect_timeout\"} 1\n"));
  CHECK(has(text, "lbd_upstream_up" + labels + "} 0\n"));
  CHECK(has(text, "lbd_upstream_panic{upstream=\"app\"} 1\n"));
  CHECK(has(text, "lbd_upstream_draining" + labels + "} 1\n"));
  CHECK(has(text, "lbd_upstream_requests_active" + labels + "} 3\n"));
  CHECK(has(text, "lbd_upstream_request_duration_seconds_bucket" + labels + ",le=\"0.0005\"} 0\n"));
  CHECK(has(text, "lbd_upstream_request_duration_seconds_bucket" + labels + ",le=\"0.001\"} 1\n"));
}

TEST_CASE("A gauge that is held falls when its holder goes", "[lb][telemetry]") {
  Count gauge;
  {
    Held one{gauge};
    Held moved{std::move(one)};
    Held none;
    none = std::move(moved);
    CHECK(gauge.value() == 1);
  }
  CHECK(gauge.value() == 0);
}

}  // namespace lb::telemetry
