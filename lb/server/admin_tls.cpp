#include "lb/server/admin_tls.hpp"

#include "common/log.hpp"
#include "lb/net/pieces.hpp"
#include "lb/tls/connection.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace lb::server {
namespace {

namespace asio = boost::asio;
constexpr common::Log kLog{"lb.server"};

class AdminTls final : public common::AdminLayer {
 public:
  explicit AdminTls(std::unique_ptr<tls::Connection> connection)
      : connection_{std::move(connection)} {}

  Step shake_hands() override {
    switch (connection_->shake()) {
      case tls::Connection::Step::Done:
        return {};
      case tls::Connection::Step::WantRead:
        return {.need = Step::Need::Readable};
      case tls::Connection::Step::WantWrite:
        return {.need = Step::Need::Writable};
      case tls::Connection::Step::Failed:
        break;
    }
    kLog.debug("no handshake at the admin listener", {{"reason", connection_->reason()}});
    return {.error = asio::error::connection_aborted};
  }
  Step read(asio::mutable_buffer space) override {
    const auto got = connection_->read({static_cast<char*>(space.data()), space.size()});
    if (got.error == asio::error::would_block) return {.need = Step::Need::Readable};
    return {.error = got.error, .count = got.count};
  }
  Step write(asio::const_buffer octets) override {
    net::Pieces pieces;
    pieces.add({static_cast<const char*>(octets.data()), octets.size()});
    const auto error = connection_->write(pieces);
    const auto taken = octets.size() - pieces.total();
    if (!error && taken == 0) return {.need = Step::Need::Writable};
    return {.error = error, .count = taken};
  }
  void end() override { connection_->end(); }
  std::string peer() const override { return connection_->client().subject; }

 private:
  std::unique_ptr<tls::Connection> connection_;
};

}  // namespace

common::AdminLayerMaker admin_tls(std::function<std::shared_ptr<tls::Server>()> server) {
  return [server = std::move(server)](int socket) -> std::unique_ptr<common::AdminLayer> {
    const auto now = server();
    if (!now) return nullptr;
    return std::make_unique<AdminTls>(now->accept(socket, {}));
  };
}

}  // namespace lb::server
