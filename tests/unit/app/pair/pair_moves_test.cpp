#include "app/pair/carry_out.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/app/pair/seen_pair.hpp"

#include <algorithm>

namespace booking::pair::testing {
namespace {

TEST_CASE("A switchover has replication running the other way before writes open") {
  const auto plan = plan_switchover(healthy(), terms(), {});
  REQUIRE_FALSE(plan.refused());
  const auto turned = index_of(plan, "CHANGE MASTER TO MASTER_HOST = '10.0.0.32'");
  const auto acknowledged = index_of(plan, "SELECT VARIABLE_VALUE >= 1");
  const auto open = index_of(plan, "SET GLOBAL read_only = OFF");
  CHECK(index_of(plan, "SET GLOBAL read_only = ON") < turned);
  CHECK(turned < acknowledged);
  CHECK(acknowledged < index_of(plan, "INSERT INTO mainstay"));
  CHECK(plan.steps.at(open - 1).text == "epoch 4, written to: db2, in sync: yes");
  // Until then its relay log is not touched: what was applied may not be on the disk yet.
  CHECK(index_of(plan, "RESET SLAVE ALL") == open + 1);
  CHECK(plan.steps[turned].text.find("MASTER_DEMOTE_TO_SLAVE = 1") != std::string::npos);
  CHECK(plan.steps[turned].text.find("MASTER_SSL_VERIFY_SERVER_CERT = 1") != std::string::npos);
}

TEST_CASE("A replica shows its source a certificate where it has one") {
  auto own = terms();
  const auto told = [](const Terms& terms) {
    const auto plan = plan_switchover(healthy(), terms, {});
    return plan.steps.at(index_of(plan, "CHANGE MASTER")).text;
  };
  CHECK(told(own).find("MASTER_SSL_CERT") == std::string::npos);
  own.tls_certificate = "/node.pem";
  own.tls_key = "/node.key";
  CHECK(told(own).find(", MASTER_SSL_CERT = '/node.pem', MASTER_SSL_KEY = '/node.key'") !=
        std::string::npos);
  own.tls = false;
  CHECK(told(own).find("MASTER_SSL_CERT") == std::string::npos);
}

/// What is done when the step of that beginning fails, and every needed step of the way back with
/// it, or none.
std::vector<std::string> taken_back(const Plan& plan, const std::string& failing) {
  std::vector<std::string> out;
  const auto ending = carry_out(
      plan,
      [&](const Step& step) {
        return StepEnd{!step.text.starts_with(failing), {}, {}};
      },
      [&](const Step& step, const StepEnd&, bool undoing) {
        if (undoing) out.push_back(step.node + ": " + step.text);
      },
      [] { return false; });
  CHECK(ending == (out.empty() ? Ending::Failed : Ending::TakenBack));
  return out;
}

TEST_CASE("A switchover is taken back as far as it was tried, and no further") {
  const auto plan = plan_switchover(healthy(), terms(), {});
  REQUIRE_FALSE(plan.refused());
  const std::string record{"db1: epoch 3, written to: db1, in sync: yes"};
  const std::string open{"db1: SET GLOBAL read_only = OFF"};
  const std::string again{"db2: START SLAVE"};
  using Words = std::vector<std::string>;
  // The replica lags: it is not touched, for its relay log may hold what is acknowledged.
  CHECK(taken_back(plan, "SELECT MASTER_GTID_WAIT") == Words{open});
  CHECK(taken_back(plan, "epoch 4") == Words{record, open});
  CHECK(taken_back(plan, "STOP SLAVE") == Words{record, open, again});
  CHECK(taken_back(plan, "CHANGE MASTER").size() == 7);
  CHECK(taken_back(plan, "INSERT INTO mainstay").empty());
}

TEST_CASE("The way back ends at its first needed step that fails, and the old primary stays shut") {
  const auto plan = plan_switchover(healthy(), terms(), {});
  std::vector<std::string> tried;
  const auto ending = carry_out(
      plan,
      [&](const Step& step) {
        tried.push_back(step.text);
        return StepEnd{step.act != Act::Note, {}, {}};
      },
      [](const Step&, const StepEnd&, bool) {}, [] { return false; });
  CHECK(ending == Ending::Failed);
  CHECK(std::ranges::find(tried, "SET GLOBAL read_only = OFF") == tried.end());
}

TEST_CASE("Who wants it to end is heard until it cannot be taken back") {
  const auto plan = plan_switchover(healthy(), terms(), {});
  std::size_t done = 0;
  std::size_t enough = 0;
  const auto run = [&] {
    done = 0;
    return carry_out(
        plan,
        [](const Step&) {
          return StepEnd{true, {}, {}};
        },
        [&](const Step&, const StepEnd&, bool undoing) { done += undoing ? 0 : 1; },
        [&] { return done >= enough; });
  };
  enough = 4;
  CHECK(run() == Ending::TakenBack);
  CHECK(done == 4);
  enough = plan.reversible;
  CHECK(run() == Ending::Done);
}

TEST_CASE("A switchover is refused when it would lose, fail or hold writes for long") {
  auto seen = healthy();
  std::string rule;
  SECTION("semi-sync timed out") {
    rule = "semi-sync";
    seen.nodes[0].semi_sync = false;
  }
  SECTION("semi-sync is off") {
    rule = "semi-sync";
    seen.nodes[0].waits_for_replica = false;
  }
  SECTION("no replica acknowledges") {
    rule = "semi-sync";
    seen.nodes[0].semi_sync_replicas = 0;
  }
  SECTION("the record does not say so") {
    rule = "known-in-sync";
    seen.record->in_sync = false;
  }
  SECTION("it lags") {
    rule = "lag";
    seen.nodes[1].applier->seconds_behind = 60;
  }
  SECTION("nobody knows how far it lags") {
    rule = "lag";
    seen.nodes[1].applier->seconds_behind.reset();
  }
  SECTION("it does not apply") {
    rule = "replicates";
    seen.nodes[1].applier->applying = false;
  }
  SECTION("it does not receive") {
    rule = "replicates";
    seen.nodes[1].applier->connected = false;
  }
  SECTION("it replicates from elsewhere") {
    rule = "replicates";
    seen.nodes[1].applier->source_host = "10.9.9.9";
  }
  SECTION("it is not durable") {
    rule = "settings";
    seen.nodes[1].settings["sync_binlog"] = "0";
  }
  SECTION("it would go on alone after 10 s") {
    rule = "settings";
    seen.nodes[1].settings["rpl_semi_sync_master_timeout"] = "10000";
  }
  SECTION("both can be written to") {
    rule = "one-writer";
    seen.nodes[1].read_only = false;
  }
  const auto plan = plan_switchover(seen, terms(), {});
  CHECK(word_of(plan, rule) == Word::Forbids);
  CHECK(plan.steps.empty());
}

TEST_CASE("A switchover to the primary is refused") {
  CHECK(word_of(plan_switchover(healthy(), terms(), {.target = "db1"}), "target") == Word::Forbids);
}

TEST_CASE("Two nodes that can be written to are touched by no plan") {
  auto seen = healthy();
  seen.nodes[1].read_only = false;
  CHECK(plan_switchover(seen, terms(), {}).refused());
  CHECK(plan_failover(seen, terms(), {}).refused());
  CHECK(plan_rejoin(seen, terms(), {}).refused());
  CHECK(plan_degrade(seen, terms()).refused());
  CHECK(plan_restore_sync(seen, terms()).refused());
}

TEST_CASE("Going on alone is written down before it is done") {
  const auto plan = plan_degrade(healthy(), terms());
  CHECK(steps_of(plan) ==
        std::vector<std::string>{"db1: SELECT @@global.read_only", "db1: role MASTER",
                                 "db1: SELECT @@global.read_only",
                                 "record: epoch 3, written to: db1, in sync: no",
                                 "db1: SET GLOBAL rpl_semi_sync_master_enabled = OFF"});
  CHECK(plan.steps[2].same_session);
  CHECK(plan.steps[3].needed);
  CHECK(word_of(plan, "replica-gone") == Word::Warns);
}

TEST_CASE("In sync is written down after the replica has what was acknowledged alone") {
  auto seen = healthy();
  seen.record->in_sync = false;
  const auto plan = plan_restore_sync(seen, terms());
  REQUIRE_FALSE(plan.refused());
  const auto on = index_of(plan, "SET GLOBAL rpl_semi_sync_master_enabled = ON");
  const auto note = index_of(plan, "epoch 3, written to: db1, in sync: yes");
  CHECK(on < note);
  CHECK(plan.steps[note - 1].act == Act::Reach);
  CHECK(plan.steps[note - 1].result == "{alone}");
  CHECK(index_of(plan, "role SLAVE") >
        note);  // until then a crash must keep what was acknowledged alone
}

TEST_CASE("An old primary comes back by its own log when it has nothing of its own") {
  const auto plan = plan_rejoin(old_primary_back(), terms(), {});
  REQUIRE_FALSE(plan.refused());
  CHECK_FALSE(has_step(plan, "receive"));
  const auto follow = index_of(plan, "CHANGE MASTER TO MASTER_HOST = '10.0.0.32'");
  CHECK(plan.steps.at(follow).text.find("MASTER_DEMOTE_TO_SLAVE = 1") != std::string::npos);
  CHECK(index_of(plan, "START SLAVE") <
        index_of(plan, "SET GLOBAL rpl_semi_sync_master_enabled = ON"));
}

TEST_CASE("A replica that was asked later than its source has not parted from it") {
  auto seen = healthy();
  seen.record->in_sync = false;
  seen.nodes[0].log = state("0-31-100");
  auto& replica = seen.nodes[1];
  replica.log = state("0-31-105");
  replica.written = replica.applied = replica.applier->received = position("0-31-105");
  CHECK(word_of(plan_rejoin(seen, terms(), {}), "one-history") == Word::Holds);
  SECTION("but what it wrote itself is its own") {
    replica.log = state("0-31-105,0-32-106");
    CHECK(word_of(plan_rejoin(seen, terms(), {}), "one-history") == Word::Forbids);
  }
  SECTION("and who is not connected is not ahead of what was seen alone") {
    replica.applier->connected = false;
    CHECK(word_of(plan_rejoin(seen, terms(), {}), "one-history") == Word::Forbids);
  }
}

TEST_CASE(
    "A node whose history parted is refused until a person gives its rows up; its logs are kept") {
  auto seen = old_primary_back("0-31-103", "0-31-103");
  SECTION("transactions of its own") {}
  SECTION("received, acknowledged and never applied, and the primary was opened without them") {
    seen = old_primary_back();
    seen.nodes[0].applier =
        Applier{.source_host = "10.0.0.32", .source_port = 3306, .received = {}};
    seen.nodes[0].relay_end = position("0-32-140");
  }
  const auto plan = plan_rejoin(seen, terms(), {});
  CHECK(word_of(plan, "one-history") == Word::Forbids);
  const auto anew = plan_rejoin(seen, terms(), {.reprovision = true});
  REQUIRE_FALSE(anew.refused());
  CHECK(anew.steps[0].text == "save-logs");
  CHECK(anew.steps[0].needed);
  CHECK(anew.steps[1].act == Act::Transfer);
  CHECK(anew.steps[1].from == "db2");
  CHECK(anew.steps[1].text == "receive 0-31-100,0-32-130");
  SECTION("of a primary whose commits wait none can be made: it goes on alone first") {
    seen.nodes[1].waits_for_replica = seen.nodes[1].semi_sync = true;
    const auto waiting = plan_rejoin(seen, terms(), {.reprovision = true});
    REQUIRE_FALSE(waiting.refused());
    const auto copy = index_of(waiting, "receive");
    CHECK(index_of(waiting, "epoch 4, written to: db2, in sync: no") < copy);
    CHECK(index_of(waiting, "SET GLOBAL rpl_semi_sync_master_enabled = OFF") < copy);
    CHECK(index_of(waiting, "save-logs") == 0);
  }
}

TEST_CASE("A node that is further behind than the primary's log must be made anew") {
  auto seen = old_primary_back();
  seen.nodes[1].oldest = position("0-32-120");
  CHECK(word_of(plan_rejoin(seen, terms(), {}), "log-reaches-back") == Word::Forbids);
  CHECK_FALSE(plan_rejoin(seen, terms(), {.reprovision = true}).refused());
  seen.nodes[1].has_command = false;
  CHECK(word_of(plan_rejoin(seen, terms(), {.reprovision = true}), "commands") == Word::Forbids);
}

TEST_CASE("A primary of an older term gets no replica") {
  auto seen = old_primary_back();
  seen.nodes[0].epoch = {5, 31};
  CHECK(word_of(plan_rejoin(seen, terms(), {}), "term") == Word::Forbids);
  CHECK(word_of(plan_restore_sync(seen, terms()), "term") == Word::Forbids);
}

TEST_CASE(
    "A pair is made of two servers that are as it needs them, and closed until the replica "
    "acknowledges") {
  auto seen = healthy();
  for (auto& node : seen.nodes) {
    node.read_only = true;
    node.applier.reset();
    node.written = node.applied = {};
    node.log = {};
    node.epoch = {};
    node.tables = 0;
  }
  seen.record.reset();
  SECTION("both empty") {
    const auto plan = plan_bootstrap(seen, terms(), {});
    REQUIRE_FALSE(plan.refused());
    CHECK_FALSE(has_step(plan, "receive"));
    CHECK(index_of(plan, "epoch 1, written to: db1, in sync: yes") <
          index_of(plan, "SET GLOBAL read_only = OFF"));
  }
  SECTION("the primary lives: its replica begins as a copy") {
    seen.nodes[0].tables = 9;
    seen.nodes[0].read_only = false;
    seen.nodes[0].written = position("0-31-50");
    const auto plan = plan_bootstrap(seen, terms(), {});
    REQUIRE_FALSE(plan.refused());
    CHECK(index_of(plan, "receive") < index_of(plan, "CHANGE MASTER"));
  }
  SECTION("refused") {
    std::string rule;
    SECTION("the same number twice") {
      rule = "server-ids";
      seen.nodes[1].server_id = 31;
    }
    SECTION("a replica with data") {
      rule = "replica-empty";
      seen.nodes[1].tables = 1;
    }
    SECTION("a pair already") {
      rule = "no-pair-yet";
      seen.nodes[1].epoch = {1, 31};
    }
    SECTION("no certificate") {
      rule = "tls";
      seen.nodes[0].settings["have_ssl"] = "DISABLED";
    }
    SECTION("statements in the log") {
      rule = "settings";
      seen.nodes[0].settings["binlog_format"] = "MIXED";
    }
    const auto plan = plan_bootstrap(seen, terms(), {});
    CHECK(word_of(plan, rule) == Word::Forbids);
  }
}

TEST_CASE("No plan shows a password") {
  for (const auto& plan :
       {plan_switchover(healthy(), terms(), {}), plan_rejoin(old_primary_back(), terms(), {})})
    CHECK(plan.steps.at(index_of(plan, "CHANGE MASTER")).text.find("'{replication_password}'") !=
          std::string::npos);
}

}  // namespace
}  // namespace booking::pair::testing
