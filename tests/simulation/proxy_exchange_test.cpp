#include "tests/simulation/proxy_peers.hpp"
#include "tests/simulation/proxy_stage.hpp"
#include "tests/support/catch.hpp"

#include <cstdlib>
#include <memory>
#include <random>
#include <string>

// The exchange machine, real sockets and all, with a fault at every step: for each scenario, every
// octet that either side sends or receives is once the last before that side ends, resets or
// stalls.

namespace {

using namespace simulation;
using tests::strict::Message;
using tests::strict::Verdict;

struct Scenario {
  std::string name;
  std::vector<Request> requests;
  bool pipelined{false};
  AnswerScript answer;
};

Request get(const std::string& tag, const std::string& fields = "",
            const std::string& method = "GET", const std::string& version = "HTTP/1.1") {
  return {method + " " + tag + " " + version + "\r\nHost: a\r\n" + fields + "\r\n", method, tag};
}

Request post(const std::string& tag, const std::string& body, const std::string& fields = "") {
  return {"POST " + tag + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n" + fields + "\r\n" + body,
          "POST", tag};
}

Request post_chunked(const std::string& tag) {
  return {"POST " + tag +
              " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
              "3;x\r\nabc\r\n8\r\n01234567\r\n0\r\nT: u\r\n\r\n",
          "POST", tag};
}

/// What a good answer to a request holds; no two requests have the same.
std::string content_of(const Message& request) { return "<" + request.target + ">" + request.body; }

Answer counted(const Message& request) {
  const auto body = content_of(request);
  return {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
          (request.method == "HEAD" ? "" : body)};
}

Answer chunked(const Message& request) {
  const auto body = content_of(request);
  const auto half = body.size() / 2;
  std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& part : {body.substr(0, half), body.substr(half)})
    out += "0" + std::string(1, "0123456789abcdef"[part.size() % 16]) + "\r\n" + part + "\r\n";
  return {out + "0\r\n\r\n"};
}

Answer until_close(const Message& request) {
  return {"HTTP/1.1 200 OK\r\n\r\n" + content_of(request), true};
}

Answer interim_first(const Message& request) {
  return {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + counted(request).octets};
}

Answer with_surplus(const Message& request) {
  return {counted(request).octets + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"};
}

Answer without_content(const Message&) { return {"HTTP/1.1 204 No Content\r\n\r\n"}; }

std::vector<Scenario> scenarios() {
  const std::string key = "Idempotency-Key: k\r\n";
  return {
      {"GET", {get("/1")}, false, counted},
      {"GET, GET on what was kept", {get("/1"), get("/2")}, false, counted},
      {"pipelined", {get("/1"), post("/2", "two"), get("/3")}, true, counted},
      {"held POST", {post("/1", "0123456789"), get("/2")}, false, counted},
      {"held POST that may be repeated", {post("/1", "0123456789", key)}, false, counted},
      {"streamed POST", {post("/1", std::string(40, 'x')), get("/2")}, false, counted},
      {"streamed POST that may be repeated",
       {post("/1", std::string(40, 'x'), key)},
       false,
       counted},
      {"chunked POST", {post_chunked("/1"), get("/2")}, false, counted},
      {"chunked POST, pipelined", {post_chunked("/1"), get("/2")}, true, counted},
      {"expecting 100, held",
       {post("/1", "hello", "Expect: 100-continue\r\n"), get("/2")},
       false,
       counted},
      {"expecting 100, streamed",
       {post("/1", std::string(40, 'x'), "Expect: 100-continue\r\n")},
       false,
       counted},
      {"HEAD", {get("/1", "", "HEAD"), get("/2")}, false, counted},
      {"chunked answer", {get("/1"), get("/2")}, false, chunked},
      {"answer until close", {get("/1"), get("/2")}, false, until_close},
      {"interim answer first", {get("/1"), get("/2")}, false, interim_first},
      {"surplus octets", {get("/1"), get("/2")}, false, with_surplus},
      {"no content", {get("/1"), get("/2")}, false, without_content},
      {"HTTP/1.0, counted",
       {get("/1", "Connection: keep-alive\r\n", "GET", "HTTP/1.0"), get("/2")},
       false,
       counted},
      {"HTTP/1.0, chunked",
       {get("/1", "Connection: keep-alive\r\n", "GET", "HTTP/1.0")},
       false,
       chunked},
      {"closing client", {get("/1", "Connection: close\r\n")}, false, counted},
      {"refused in the midst",
       {get("/1"), get("/2", "Content-Length: x\r\n"), get("/3")},
       true,
       counted},
  };
}

/// Two endpoints, a client with its fault and, when that has had its effect, a bystander.
class Play {
 public:
  Play() : stage_{{first_.port(), second_.port()}} {}

  struct Cast {
    Fault client, endpoint;
  };

  /// How many octets each side sends and receives when nothing goes wrong.
  struct Extent {
    std::size_t client_sent{0}, client_received{0}, endpoint_sent{0}, endpoint_received{0};
  };

  Extent perform(const Scenario& scenario, const Cast& cast) {
    const auto fate = std::make_shared<Fate>();
    fate->fault = cast.endpoint;
    for (auto* endpoint : {&first_, &second_}) endpoint->reset(scenario.answer, fate);
    Extent extent;
    {
      ScriptedClient client{stage_.connect(), scenario.requests, scenario.pipelined, cast.client};
      settle(client);
      for (int hours = 0; hours < 8 && !is_at_rest(client); ++hours) {
        stage_.pass_time();
        settle(client);
      }
      judge(scenario, cast, client);
      for (const auto& request : scenario.requests) extent.client_sent += request.octets.size();
      extent.client_received = 64;
      for (const auto& answer : client.answers()) extent.client_received += answer.size;
      extent.endpoint_sent = fate->sent;
      extent.endpoint_received = fate->received;
      fate->struck = true;  // nobody else shall meet it
      ask_by_the_way(scenario, cast);
      client.leave();
      settle(client);
    }
    for (int hours = 0; hours < 4 && stage_.sessions() > 0; ++hours) {
      stage_.pass_time();
      settle();
    }
    CHECK(stage_.sessions() == 0);
    CHECK(stage_.buffers_lent() == 0);
    CHECK(stage_.in_flight() == 0);
    for (const auto* endpoint : {&first_, &second_})
      for (const auto& wrong : endpoint->wrongs()) FAIL_CHECK(wrong);
    stage_.close_idle();
    settle();
    return extent;
  }

 private:
  template <class... Clients>
  void settle(Clients&... clients) {
    for (int idle = 0; idle < 2;) {
      bool moved = stage_.run();
      moved = first_.step() || moved;
      moved = second_.step() || moved;
      moved = (false || ... || clients.step()) || moved;
      idle = moved ? 0 : idle + 1;
    }
  }

  /// Every request has its answer, or the connection is over.
  bool is_at_rest(const ScriptedClient& client) const {
    const auto answers = client.answers();
    return client.is_over() ||
           (client.whole() == client.requests().size() && !answers.empty() &&
            answers.size() == client.requests().size() && answers.back().verdict == Verdict::Whole);
  }

  void judge(const Scenario& scenario, const Cast& cast, const ScriptedClient& client) {
    const auto answers = client.answers();
    CHECK(answers.size() <= client.begun());
    for (std::size_t i = 0; i < answers.size() && i < scenario.requests.size(); ++i) {
      const auto& answer = answers[i];
      CHECK(answer.verdict != Verdict::Malformed);
      if (i + 1 < answers.size()) CHECK(answer.verdict == Verdict::Whole);
      if (answer.head_whole) judge_answer(scenario, scenario.requests[i], answer);
    }
    if (!client.left() && cast.client.kind != Kind::Stall) {
      // Exactly one answer, or a connection that visibly ended.
      CHECK((is_at_rest(client) || client.ended()));
      if (!answers.empty() && answers.back().verdict == Verdict::Incomplete) CHECK(client.ended());
    }
    judge_repetition(scenario);
    judge_loss(scenario, cast, client, answers);
  }

  void judge_answer(const Scenario& scenario, const Request& request, const Message& answer) {
    if (answer.status == 200) {
      Message asked = tests::strict::read_request(request.octets);
      const auto expected = request.method == "HEAD" ? std::string{} : content_of(asked);
      // Of an answer that ends with its connection nobody can tell that it was cut.
      const bool tells = scenario.name != "answer until close";
      if (answer.verdict == Verdict::Whole && tells)
        CHECK(answer.body == expected);
      else
        CHECK(expected.starts_with(answer.body));
    } else if (answer.status != 204) {
      CHECK(answer.status >= 400);
      if (answer.verdict == Verdict::Whole)
        CHECK(answer.values("content-type") ==
              std::vector<std::string>{"application/problem+json"});
    }
  }

  /// What may not be done twice came to one endpoint's hands at most.
  void judge_repetition(const Scenario& scenario) {
    for (const auto& request : scenario.requests) {
      std::size_t times = 0;
      for (const auto* endpoint : {&first_, &second_})
        for (const auto& seen : endpoint->seen())
          if (seen.tag == request.tag) ++times;
      const bool may_repeat =
          request.method != "POST" || request.octets.find("Idempotency-Key") != std::string::npos;
      CHECK(times <= (may_repeat ? 3U : 1U));
    }
  }

  /// An endpoint that dies before it has answered costs nobody who may be asked again.
  void judge_loss(const Scenario& scenario, const Cast& cast, const ScriptedClient& client,
                  const std::vector<Message>& answers) {
    if (!cast.client.is_none() || client.requests().size() != 1) return;
    const auto& request = scenario.requests.front();
    const bool may_repeat =
        request.method != "POST" || (request.octets.find("Idempotency-Key") != std::string::npos &&
                                     request.octets.size() < 100);
    const bool early = cast.endpoint.is_none() || cast.endpoint.after == Fault::After::Received ||
                       cast.endpoint.octets == 0;
    if (!may_repeat || !early || cast.endpoint.kind == Kind::Stall) return;
    REQUIRE(answers.size() == 1);
    CHECK((answers[0].status == 200 || answers[0].status == 204));
    CHECK((answers[0].verdict == Verdict::Whole || client.was_reset()));
  }

  /// Somebody else, afterwards, over whatever connections were kept.
  void ask_by_the_way(const Scenario& scenario, const Cast& cast) {
    for (int i = 0; i < 2; ++i) {  // both endpoints
      const auto request = get("/by-the-way/" + std::to_string(++bystanders_));
      ScriptedClient bystander{stage_.connect(), {request}, false, {}};
      settle(bystander);
      // A connection that was kept may lead to an endpoint that says nothing any more.
      const bool may_stall = cast.endpoint.kind == Kind::Stall;
      for (int hours = 0; may_stall && hours < 2 && !is_at_rest(bystander); ++hours) {
        stage_.pass_time();
        settle(bystander);
      }
      const auto answers = bystander.answers();
      REQUIRE(answers.size() == 1);
      judge_answer(scenario, request, answers[0]);
      CHECK(answers[0].verdict == Verdict::Whole);
      CHECK((answers[0].status < 300 || (may_stall && answers[0].status == 504)));
      bystander.leave();
      settle(bystander);
    }
  }

  ScriptedEndpoint first_, second_;
  Stage stage_;
  std::size_t bystanders_{0};
};

}  // namespace

// Each run takes another twelfth of all octets, and the ends; MAINSTAY_SIMULATION=full takes every
// one.
TEST_CASE("Security 21, 22, 23, 32: an exchange survives a fault at every octet",
          "[lb][proxy][simulation]") {
  const bool full = std::getenv("MAINSTAY_SIMULATION") != nullptr;
  const std::size_t stride = full ? 1 : 12;
  const std::size_t phase = std::random_device{}() % stride;
  CAPTURE(phase);
  for (const auto& scenario : scenarios()) {
    CAPTURE(scenario.name);
    Play play;
    const auto extent = play.perform(scenario, {});
    play.perform(scenario, {});  // on whatever the first time has left behind
    for (const auto kind : kKinds) {
      CAPTURE(name_of(kind));
      const auto at_every = [&](const char* what, std::size_t extent_of, auto cast_at) {
        CAPTURE(what);
        for (std::size_t at = 0; at <= extent_of; ++at) {
          if ((at + phase) % stride != 0 && at != 0 && at != extent_of) continue;
          CAPTURE(at);
          play.perform(scenario, cast_at(at));
        }
      };
      using After = Fault::After;
      at_every("client sent", extent.client_sent, [kind](std::size_t at) {
        return Play::Cast{{kind, After::Sent, at}, {}};
      });
      at_every("client received", extent.client_received, [kind](std::size_t at) {
        return Play::Cast{{kind, After::Received, at}, {}};
      });
      at_every("endpoint sent", extent.endpoint_sent, [kind](std::size_t at) {
        return Play::Cast{{}, {kind, After::Sent, at}};
      });
      at_every("endpoint received", extent.endpoint_received - 1, [kind](std::size_t at) {
        return Play::Cast{{}, {kind, After::Received, at + 1}};
      });
    }
  }
}
