#include "app/store/mariadb_store.hpp"

#include "app/store/cluster.hpp"
#include "app/store/keeper.hpp"
#include "app/store/sql_store.hpp"
#include "common/contract.hpp"

#include <mysql.h>

namespace booking::store {
namespace {

class NodeSource final : public Source {
 public:
  NodeSource(Cluster& cluster, const Keeper& keeper, Kind kind)
      : cluster_{cluster}, keeper_{keeper}, kind_{kind} {}

  std::unique_ptr<Session> open() override {
    keeper_.require_schema(kind_ == Kind::Write);
    return kind_ == Kind::Write ? cluster_.open_writable() : cluster_.open_readable();
  }
  std::uint64_t generation() const override { return generations().now; }
  std::uint64_t severed() const override { return generations().severed; }
  void doubt(const SqlError& /*why*/) override { cluster_.doubt(); }
  void wrote(const std::string& name) override { cluster_.wrote(name); }

 private:
  Cluster::Generation generations() const {
    return kind_ == Kind::Write ? cluster_.writes() : cluster_.reads();
  }

  Cluster& cluster_;
  const Keeper& keeper_;
  Kind kind_;
};

class MariadbBackend final : public Backend {
 public:
  explicit MariadbBackend(MariadbOptions options)
      : options_{std::move(options)}, cluster_{options_}, keeper_{cluster_, options_} {}

  Source& writes() override { return writes_; }
  Source& reads() override { return reads_; }
  Readiness readiness() const override { return keeper_.readiness(); }
  std::uint64_t connects() const override { return cluster_.connects(); }

 private:
  MariadbOptions options_;
  Cluster cluster_;
  Keeper keeper_;
  NodeSource writes_{cluster_, keeper_, Kind::Write};
  NodeSource reads_{cluster_, keeper_, Kind::Read};
};

}  // namespace

std::unique_ptr<Store> open_mariadb_store(MariadbOptions options, privacy::Vault vault,
                                          EntropySource entropy) {
  // Before any thread uses the library; later calls do nothing.
  common::expects(mysql_library_init(0, nullptr, nullptr) == 0, "the client library starts");
  common::expects(!options.nodes.empty() && options.connections > 0 && options.queue > 0,
                  "a store has a node, a connection and room for one operation");
  const SqlStoreOptions of_store{.writers = options.connections,
                                 .readers = options.connections,
                                 .queue = options.queue,
                                 .read_deadline = options.deadline,
                                 .write_deadline = options.write_deadline,
                                 .channels = options.channels};
  return make_sql_store(std::make_unique<MariadbBackend>(std::move(options)), of_store,
                        std::move(vault), std::move(entropy));
}

}  // namespace booking::store
