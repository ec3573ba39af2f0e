#include "tests/support/catch.hpp"
#include "tests/unit/app/pair/seen_pair.hpp"

namespace booking::pair::testing {
namespace {

Plan failover(const PairSeen& seen, const Wishes& wishes = {}) {
  return plan_failover(seen, terms(), wishes);
}

TEST_CASE("The replica of a dead primary in sync takes over: apply, fence, write down, open") {
  const auto plan = failover(primary_died());
  REQUIRE_FALSE(plan.refused());
  CHECK(
      steps_of(plan) ==
      std::vector<std::string>{
          "db2: STOP SLAVE IO_THREAD", "db2: SHOW SLAVE STATUS",
          "db2: SELECT MASTER_GTID_WAIT('{received}', 3600.0)",
          "db2: SELECT @@global.gtid_slave_pos", "db2: STOP SLAVE", "db2: role MASTER",
          "db1: fence", "db2: SELECT @@global.gtid_binlog_pos",
          "record: epoch 4, written to: db2, in sync: no, closed at {all}",
          "db2: SET GLOBAL rpl_semi_sync_master_enabled = OFF",
          "db2: INSERT INTO mainstay.cluster_epoch (epoch, writer_id, reason, begins_after, "
          "created_us) VALUES"
          " (4, 32, 'failover', @@global.gtid_binlog_pos, FLOOR(UNIX_TIMESTAMP(NOW(6)) * 1000000))",
          "db2: RESET SLAVE ALL", "record: epoch 4, written to: db2, in sync: no",
          "db2: SET GLOBAL read_only = OFF"});
}

TEST_CASE("Nobody was written to since the record: who has all up to there is opened") {
  auto seen = primary_died();
  seen.record = Record{4, "db1", true, position("0-31-100")};
  CHECK_FALSE(failover(seen).refused());
  seen.record->closed_at = position("0-31-101");
  CHECK(word_of(failover(seen), "known-in-sync") == Word::Forbids);
  SECTION("of two that answer the one that has it") {
    seen = healthy();
    seen.nodes[0].read_only = true;
    seen.record = Record{4, "db2", true, position("0-31-100")};
    CHECK(because_of(failover(seen), "target").starts_with("db2"));
    seen.nodes[1].written = seen.nodes[1].applied = seen.nodes[1].applier->received =
        position("0-31-99");
    CHECK(because_of(failover(seen), "target").starts_with("db1"));
  }
}

TEST_CASE("A relay log that begins after a hole is not replayed") {
  auto seen = primary_died("", "0-31-60");
  auto& replica = seen.nodes[1];
  replica.applier->receiving = replica.applier->applying = false;
  replica.relay_end = position("0-31-100");
  replica.relay_first = Gtid{0, 31, 61};
  CHECK_FALSE(failover(seen).refused());
  replica.relay_first = Gtid{0, 31, 62};
  CHECK(because_of(failover(seen), "known-in-sync").find("begins only at 0-31-62") !=
        std::string::npos);
}

TEST_CASE("A primary that was closed and never restarted has everything, whoever else died") {
  auto seen = healthy();
  seen.nodes[0].read_only = true;
  unreachable(seen.nodes[1]);
  CHECK(word_of(failover(seen), "known-in-sync") == Word::Holds);
  seen.nodes[0].waits_by_file = true;  // then nothing can be said
  CHECK(word_of(failover(seen), "known-in-sync") == Word::Forbids);
}

TEST_CASE("What is written down stands before anything that could be written") {
  const auto plan = failover(primary_died());
  CHECK(index_of(plan, "epoch 4") < index_of(plan, "INSERT INTO mainstay.cluster_epoch"));
  CHECK(index_of(plan, "INSERT INTO mainstay.cluster_epoch") <
        index_of(plan, "SET GLOBAL read_only = OFF"));
  CHECK(index_of(plan, "role MASTER") < index_of(plan, "SET GLOBAL read_only = OFF"));
}

TEST_CASE("A pair that is not known to be in sync is promoted only when the loss is named") {
  struct {
    const char* why;
    void (*make)(PairSeen&);
  } const rows[] = {
      {"the primary went on alone", [](PairSeen& seen) { seen.record->in_sync = false; }},
      {"there is no record", [](PairSeen& seen) { seen.record.reset(); }},
      {"the record is of an older term",
       [](PairSeen& seen) {
         seen.nodes[1].epoch = {5, 31};
       }},
      {"the candidate is nobody's replica", [](PairSeen& seen) { seen.nodes[1].applier.reset(); }},
      {"the replica was started again alone, which deleted its relay log",
       [](PairSeen& seen) { seen.nodes[1].applier->heard = false; }},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    auto seen = primary_died();
    row.make(seen);
    const auto plan = failover(seen);
    CHECK(word_of(plan, "known-in-sync") == Word::Forbids);
    CHECK(because_of(plan, "known-in-sync").find("--accept-loss-after '0-31-100'") !=
          std::string::npos);
    CHECK(plan.steps.empty());
    // Another loss than the one there is does not count.
    CHECK(failover(seen, {.accepted_loss = position("0-31-99")}).refused());
    const auto accepted = failover(seen, {.accepted_loss = position("0-31-100")});
    CHECK(word_of(accepted, "known-in-sync") == Word::Waived);
    CHECK_FALSE(accepted.refused());
  }
}

TEST_CASE("What a restarted replica holds in its relay log is replayed, and never started") {
  auto seen = primary_died("", "0-31-60");
  auto& replica = seen.nodes[1];
  replica.applier->receiving = replica.applier->applying = false;
  replica.relay_end = position("0-31-100");
  SECTION("by the node's command") {
    const auto plan = failover(seen);
    REQUIRE_FALSE(plan.refused());
    CHECK(has_step(plan, "replay 0-31-60"));
    CHECK_FALSE(has_step(plan, "START SLAVE"));
    const auto& proof = plan.steps.at(index_of(plan, "SELECT @@global.gtid_binlog_pos"));
    CHECK(proof.act == Act::Cover);
    CHECK(proof.result == "0-31-100");
    CHECK(index_of(plan, "replay") < index_of(plan, "RESET SLAVE ALL"));
  }
  SECTION("without one it is refused") {
    replica.has_command = false;
    CHECK(word_of(failover(seen), "applies") == Word::Forbids);
  }
  SECTION("when all of it is applied there is nothing to replay") {
    replica.written = replica.applied = position("0-31-100");
    const auto plan = failover(seen);
    CHECK_FALSE(plan.refused());
    CHECK_FALSE(has_step(plan, "replay"));
  }
}

TEST_CASE("An applier that was stopped is started, the receiver is not") {
  auto seen = primary_died("0-31-100", "0-31-60");
  seen.nodes[1].applier->applying = false;
  const auto plan = failover(seen);
  REQUIRE_FALSE(plan.refused());
  CHECK(index_of(plan, "START SLAVE SQL_THREAD") < index_of(plan, "STOP SLAVE IO_THREAD"));
}

TEST_CASE("A run that ended after the receiver was stopped can be given again") {
  auto seen = primary_died("0-31-100", "0-31-60");
  seen.nodes[1].applier->receiving = false;
  const auto plan = failover(seen);
  REQUIRE_FALSE(plan.refused());
  CHECK_FALSE(has_step(plan, "STOP SLAVE IO_THREAD"));
  CHECK(has_step(plan, "SELECT MASTER_GTID_WAIT('{received}'"));
}

TEST_CASE("A relay log that does not read through may have held more: a person decides") {
  auto seen = primary_died("0-31-90", "0-31-90");
  auto& replica = seen.nodes[1];
  replica.applier->receiving = replica.applier->applying = false;
  replica.relay_end = position("0-31-95");
  REQUIRE(word_of(failover(seen), "known-in-sync") == Word::Holds);
  replica.relay_broken = true;
  CHECK(word_of(failover(seen), "known-in-sync") == Word::Forbids);
  const auto accepted = because_of(failover(seen), "known-in-sync");
  CHECK(accepted.find("--accept-loss-after '0-31-95'") != std::string::npos);
}

TEST_CASE("A replica that cannot apply is not promoted") {
  auto seen = primary_died();
  seen.nodes[1].applier->apply_error = "Duplicate entry";
  CHECK(word_of(failover(seen), "applies") == Word::Forbids);
}

TEST_CASE("A primary that answers is not failed over") {
  auto seen = healthy();
  CHECK(word_of(failover(seen), "primary-dead") == Word::Forbids);
  SECTION("unless it is stuck and its killing asked for; then it must succeed") {
    const auto plan = failover(seen, {.kill_primary = true});
    REQUIRE_FALSE(plan.refused());
    CHECK(plan.steps.front().text == "fence");
    CHECK(plan.steps.front().needed);
  }
  SECTION("though it has begun what its replica has not: nobody acknowledged that") {
    seen.nodes[0].written = position("0-31-103");
    const auto plan = failover(seen, {.kill_primary = true});
    CHECK(word_of(plan, "target") == Word::Holds);
    CHECK(because_of(plan, "target").starts_with("db2"));
    CHECK_FALSE(plan.refused());
  }
  SECTION("which needs a command") {
    seen.nodes[0].has_command = false;
    CHECK(failover(seen, {.kill_primary = true}).refused());
  }
}

TEST_CASE("Who cannot be killed is let be only when it cannot acknowledge") {
  auto seen = primary_died();
  seen.nodes[0].has_command = false;
  SECTION("in sync it waits for its replica") {
    CHECK(word_of(failover(seen), "old-primary-fenced") == Word::Warns);
  }
  SECTION("alone it does not") {
    seen.record->in_sync = false;
    Wishes wishes{.accepted_loss = position("0-31-100")};
    CHECK(word_of(failover(seen, wishes), "old-primary-fenced") == Word::Forbids);
    wishes.unfenced = true;
    CHECK_FALSE(failover(seen, wishes).refused());
  }
}

TEST_CASE("A kill that fails stops a failover only where the old primary could acknowledge") {
  auto seen = primary_died();
  const auto plan = failover(seen);
  const auto& beside = plan.steps.at(index_of(plan, "fence"));
  CHECK_FALSE(beside.needed);
  CHECK(beside.early);
  CHECK(index_of(plan, "fence") < index_of(plan, "SET GLOBAL read_only = OFF"));
  seen.record->in_sync = false;
  const auto first = failover(seen, {.accepted_loss = position("0-31-100")}).steps.front();
  CHECK(first.text == "fence");
  CHECK(first.needed);
  CHECK_FALSE(first.early);
}

TEST_CASE(
    "A primary that was restarted is closed; its replica is opened, because it may have more") {
  auto seen = primary_died();
  auto& old = seen.nodes[0];
  old = healthy().nodes[0];
  old.read_only = true;
  old.waits_for_replica = old.semi_sync = false;
  old.written = position("0-31-99");  // its start took the last commit back, which was acknowledged
  SECTION("by itself") {
    const auto plan = failover(seen);
    REQUIRE_FALSE(plan.refused());
    CHECK(plan.steps.back().node == "db2");
    CHECK_FALSE(has_step(plan, "fence"));
  }
  SECTION("and not the other way round") {
    CHECK(word_of(failover(seen, {.target = "db1"}), "known-in-sync") == Word::Forbids);
    unreachable(seen.nodes[1]);
    CHECK(word_of(failover(seen), "known-in-sync") == Word::Forbids);
  }
}

TEST_CASE("A primary that was alone opens again after its restart, and nobody else") {
  auto seen = old_primary_back();
  auto& primary = seen.nodes[1];
  primary.read_only = true;
  SECTION("its old partner is there, too") {
    const auto plan = failover(seen);
    REQUIRE_FALSE(plan.refused());
    CHECK(plan.steps.back().node == "db2");
  }
  SECTION("or is not") {
    unreachable(seen.nodes[0]);
    CHECK(failover(seen).steps.back().node == "db2");
  }
  SECTION("the partner lacks what was written meanwhile") {
    unreachable(primary);
    const auto plan = failover(seen);
    CHECK(word_of(plan, "known-in-sync") == Word::Forbids);
  }
}

TEST_CASE("Nobody is opened over a node that has come further") {
  auto seen = primary_died("0-31-100", "0-31-100");
  auto& old = seen.nodes[0];
  old = healthy().nodes[0];
  old.read_only = true;
  old.written = position("0-31-103");
  CHECK(word_of(failover(seen, {.target = "db2"}), "nobody-has-more") == Word::Forbids);
  CHECK(failover(seen).steps.back().node == "db1");
}

TEST_CASE(
    "A run of switchover that ended between the record and the opening is ended by failover") {
  auto seen = healthy();
  seen.nodes[0].read_only = true;
  seen.nodes[0].waits_for_replica = seen.nodes[0].semi_sync = false;
  seen.nodes[0].applier = Applier{.source_host = "10.0.0.32",
                                  .source_port = 3306,
                                  .receiving = true,
                                  .connected = true,
                                  .applying = true,
                                  .received = position("0-31-100"),
                                  .seconds_behind = 0};
  seen.nodes[1].applier.reset();
  seen.record = Record{4, "db2", true};
  CHECK(failover(seen, {.target = "db2"}).steps.back().node == "db2");
  CHECK(failover(seen).steps.back().node ==
        "db1");  // it replicates from db2 and has everything, too
}

}  // namespace
}  // namespace booking::pair::testing
