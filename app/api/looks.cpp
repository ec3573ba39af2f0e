#include "app/api/looks.hpp"

#include "common/log.hpp"
#include "common/time.hpp"

#include <utility>

namespace booking::api {
namespace {

constexpr common::Log kLog{"booking.api"};

}  // namespace

boost::asio::awaitable<void> note_look(store::Store& store, const store::Actor& actor,
                                       std::string action, std::string subject) {
  bool noted = false;
  // Not even tried otherwise: a write is held for seconds, and who looks would wait with it.
  if (store.readiness().writable) {
    const auto done = co_await store.office().note(actor, action, subject, "", common::wall_now());
    noted = done.has_value();
  }
  if (!noted)
    kLog.warn("a look at personal data stands in no audit log",
              {{"by", actor.name}, {"action", action}, {"subject", subject}});
}

}  // namespace booking::api
