#include "lb/admin/door.hpp"

#include "tests/support/catch.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>

#include <functional>

namespace lb::admin {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using asio::ip::tcp;

constexpr const char* kToken = "correct-horse-battery-staple";

/// One upstream with one endpoint, which remembers what it was told.
class FakeControl : public Control {
 public:
  std::vector<std::string> told;

  Status status() const override {
    Status out;
    out.process = process();
    out.totals = totals();
    EndpointStatus endpoint;
    endpoint.name = endpoint.address = "[::1]:8080";
    endpoint.state = EndpointState::Down;
    endpoint.reason.last_check = "wrong_status";
    endpoint.reason.detail = "status 503, expected 200-299";
    UpstreamStatus upstream;
    upstream.name = "app/1";
    upstream.endpoints.push_back(endpoint);
    out.upstreams.push_back(upstream);
    out.errors.emplace_back().path = "/\xFF\"<script>";
    return out;
  }
  ProcessStatus process() const override {
    ProcessStatus out;
    out.version = "1.2.3";
    out.started = common::wall_now();
    return out;
  }
  Totals totals() const override { return {}; }
  std::vector<CertificateStatus> certificates() const override { return {}; }
  Sessions sessions(std::size_t most) const override {
    Sessions out;
    out.total = 2;
    out.by_state = {{"idle", 1}, {"tunnel", 1}};
    out.longest.resize(std::min<std::size_t>(most, 2));
    for (auto& session : out.longest) session.path = "/\xFF\"";
    return out;
  }

  CommandResult drain(std::string_view u, std::string_view e) override {
    return tell("drain", u, e);
  }
  CommandResult undrain(std::string_view u, std::string_view e) override {
    return tell("undrain", u, e);
  }
  CommandResult set_weight(std::string_view u, std::string_view e, std::uint32_t w) override {
    return tell("weight " + std::to_string(w), u, e);
  }
  CommandResult add(std::string_view u, const NewEndpoint& e) override {
    return tell("add " + std::to_string(e.weight), u, e.address);
  }
  CommandResult remove(std::string_view u, std::string_view e) override {
    return tell("remove", u, e);
  }
  CommandResult reload() override {
    return CommandError{Refused::BadValue,
                        "The configuration has faults; the old one stays.",
                        {{"lbd.yaml:3: workers", "x is not a whole number", "a number such as 3"}}};
  }
  CommandResult offer_close(std::chrono::seconds how_long) override {
    told.push_back("offer close " + std::to_string(how_long.count()));
    return std::string{"done"};
  }
  CommandResult set_log_level(common::LogLevel level) override {
    told.push_back("level " + std::to_string(static_cast<int>(level)));
    return std::string{"done"};
  }

 private:
  CommandResult tell(const std::string& what, std::string_view u, std::string_view e) {
    if (u != "app/1") return CommandError{Refused::NotFound, "There is no such upstream.", {}};
    told.push_back(what + ' ' + std::string{e});
    return std::string{"done"};
  }
};

struct Said {
  unsigned status;
  std::string head;
  std::string body;
};

struct OpenDoor {
  asio::io_context context;
  common::AdminServer server{context};
  FakeControl control;
  Door door{context, server, control, true};
  common::SocketAddress address;

  OpenDoor() {
    server.guard({*common::AdminToken::from_text(kToken), {}});
    const auto listening = server.listen(*common::SocketAddress::parse("127.0.0.1:0"));
    REQUIRE(listening.has_value());
    address = *listening;
  }

  Said ask(std::string_view line, std::string_view body = {}, bool token = true) {
    tcp::socket socket{context};
    socket.connect({asio::ip::make_address("127.0.0.1"), address.port});
    std::string request{line};
    request += " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
    if (token) request += std::string{"Authorization: Bearer "} + kToken + "\r\n";
    if (!body.empty())
      request +=
          "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
          "\r\n";
    request += "\r\n" + std::string{body};
    asio::write(socket, asio::buffer(request));
    std::string text;
    bool whole = false;
    asio::async_read(socket, asio::dynamic_buffer(text), [&whole](auto, auto) { whole = true; });
    while (!whole) context.run_one();
    const auto end = text.find("\r\n\r\n");
    REQUIRE(end != std::string::npos);
    return {static_cast<unsigned>(std::stoul(text.substr(9, 3))), text.substr(0, end),
            text.substr(end + 4)};
  }
};

constexpr const char* kEndpoint = "/api/v1/upstreams/app%2F1/endpoints/%5B::1%5D:8080";

TEST_CASE("Status is JSON, whole and in parts", "[lb][admin]") {
  OpenDoor open;
  const auto all = open.ask("GET /api/v1/status", {}, false);
  CHECK(all.status == 200);
  const auto status = json::parse(all.body);
  CHECK(status.at("process").at("version") == "1.2.3");
  const auto& endpoint = status.at("upstreams").at(0).at("endpoints").at(0);
  CHECK(endpoint.at("state") == "down");
  CHECK(endpoint.at("reason").at("detail") == "status 503, expected 200-299");
  CHECK(status.at("errors").at(0).at("path") == "/\xEF\xBF\xBD\"<script>");
  CHECK(json::parse(open.ask(std::string{"GET "} + kEndpoint).body) == endpoint);
  CHECK(json::parse(open.ask("GET /api/v1/upstreams/app%2F1").body).at("name") == "app/1");
  CHECK(open.ask("GET /api/v1/upstreams/app").status == 404);
  CHECK(open.ask("GET /api/v1/upstreams/app%2F1/endpoints/x").status == 404);
  for (const char* path : {"upstreams", "listeners", "routes", "errors", "history"}) {
    CAPTURE(path);
    CHECK(json::parse(open.ask(std::string{"GET /api/v1/"} + path).body).is_array());
  }
}

TEST_CASE("Sessions are counted, and as many are told as were asked for", "[lb][admin]") {
  OpenDoor open;
  for (const auto& [query, told] :
       {std::pair{"", 2U}, {"?most=1", 1U}, {"?most=0", 0U}, {"?most=1000", 2U}, {"?x=1", 2U}}) {
    const auto said = json::parse(open.ask(std::string{"GET /api/v1/sessions"} + query).body);
    CHECK(said.at("longest").as_array().size() == told);
    CHECK(said.at("total").to_number<int>() == 2);
    CHECK(said.at("by_state").at("tunnel").to_number<int>() == 1);
  }
  for (const char* query : {"?most=1001", "?most=-1", "?most=x", "?most=1x", "?most=99999999999"})
    CHECK(open.ask(std::string{"GET /api/v1/sessions"} + query).status == 422);
}

TEST_CASE("Commands reach the control, checked and only with the token", "[lb][admin]") {
  OpenDoor open;
  const std::string endpoint = kEndpoint;
  struct Case {
    std::string line;
    const char* body;
    unsigned status;
    const char* told;  // empty: nothing
  };
  for (const auto& c : std::vector<Case>{
           {"POST " + endpoint + "/drain", "", 200, "drain [::1]:8080"},
           {"POST " + endpoint + "/undrain", "", 200, "undrain [::1]:8080"},
           {"DELETE " + endpoint, "", 200, "remove [::1]:8080"},
           {"PUT " + endpoint + "/weight", R"({"weight": 50})", 200, "weight 50 [::1]:8080"},
           {"PUT " + endpoint + "/weight", R"({"weight": -1})", 422, ""},
           {"PUT " + endpoint + "/weight", R"({"weight": 10001})", 422, ""},
           {"PUT " + endpoint + "/weight", R"({"weight": 1.5})", 422, ""},
           {"PUT " + endpoint + "/weight", R"({"weight": "50"})", 422, ""},
           {"PUT " + endpoint + "/weight", R"({"wait": 50})", 422, ""},
           {"PUT " + endpoint + "/weight", R"([50])", 422, ""},
           {"PUT " + endpoint + "/weight", R"({"weight": 50)", 422, ""},
           {"PUT " + endpoint + "/weight", "", 422, ""},
           {"POST /api/v1/upstreams/app%2F1/endpoints", R"({"address": "10.0.0.3:80"})", 201,
            "add 100 10.0.0.3:80"},
           {"POST /api/v1/upstreams/app%2F1/endpoints", R"({"weight": 7})", 422, ""},
           {"POST /api/v1/upstreams/app%2F1/endpoints", R"({"address": "10.0.0.3:80", "tier": 99})",
            201, "add 100 10.0.0.3:80"},
           {"POST /api/v1/upstreams/app%2F1/endpoints",
            R"({"address": "10.0.0.3:80", "tier": 100})", 422, ""},
           {"POST /api/v1/upstreams/b/endpoints", R"({"address": "10.0.0.3:80"})", 404, ""},
           {"POST /api/v1/upstreams/b/endpoints/x/drain", "", 404, ""},
           {"PUT /api/v1/offer-close", R"({"seconds": 30})", 200, "offer close 30"},
           {"PUT /api/v1/offer-close", R"({"seconds": 0})", 200, "offer close 0"},
           {"PUT /api/v1/offer-close", R"({"seconds": 86401})", 422, ""},
           {"PUT /api/v1/offer-close", R"({})", 422, ""},
           {"PUT /api/v1/log-level", R"({"level": "debug"})", 200, "level 0"},
           {"PUT /api/v1/log-level", R"({"level": "loud"})", 422, ""},
           {"GET " + endpoint + "/drain", "", 405, ""},
           {"HEAD " + endpoint + "/drain", "", 405, ""},
           {"GET /api/v1/reload", "", 405, ""},
           {"POST /api/v1/status", "", 405, ""},
           {"GET /api/v1/nothing", "", 404, ""},
       }) {
    CAPTURE(c.line, c.body);
    open.control.told.clear();
    const auto said = open.ask(c.line, c.body);
    CHECK(said.status == c.status);
    CHECK((open.control.told.empty() ? "" : open.control.told.front()) == std::string{c.told});
    if (c.status == 200 || c.status == 201) {
      open.control.told.clear();
      CHECK(open.ask(c.line, c.body, false).status == 401);
      CHECK(open.control.told.empty());
    } else if (!c.line.starts_with("HEAD")) {
      CHECK(said.head.find("application/problem+json") != std::string::npos);
    }
  }
}

TEST_CASE("A refused reload tells all faults", "[lb][admin]") {
  OpenDoor open;
  const auto said = open.ask("POST /api/v1/reload");
  CHECK(said.status == 422);
  const auto problem = json::parse(said.body);
  CHECK(problem.at("code") == "bad_value");
  CHECK(problem.at("faults").at(0).at("where") == "lbd.yaml:3: workers");
}

TEST_CASE("The dashboard lets nothing in but its own script and style", "[lb][admin]") {
  OpenDoor open;
  const auto said = open.ask("GET /");
  CHECK(said.status == 200);
  CHECK(said.head.find("Content-Security-Policy: default-src 'none'; ") != std::string::npos);
  CHECK(said.head.find("script-src 'sha256-") != std::string::npos);
  for (const char* outside :
       {"https://", "=\"http", " src=", "@import", "url(", "style=\"", "onclick="}) {
    CAPTURE(outside);
    CHECK(said.body.find(outside) == std::string::npos);
  }
}

}  // namespace
}  // namespace lb::admin
