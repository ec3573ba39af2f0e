#include "app/api/looks.hpp"

#include "common/log.hpp"
#include "common/time.hpp"

#include <utility>

namespace booking::api {
namespace {

namespace asio = boost::asio;

constexpr common::Log kLog{"booking.api"};

}  // namespace

asio::awaitable<void> Looks::at(const store::Actor& actor, std::string action,
                                std::string subject) {
  co_await note(actor, std::move(action), std::move(subject), std::string{});
}

asio::awaitable<void> Looks::at_list(const store::Actor& actor, std::string action,
                                     std::string subject, std::vector<std::string> names) {
  if (names.empty()) co_return;
  auto detail = records::list_detail(names);
  const auto looker = actor.name + ' ' + actor.address + ' ' + action + ' ' + subject;
  if (!lists_.is_news(looker, detail, common::wall_now())) co_return;
  const bool noted = co_await note(actor, std::move(action), std::move(subject), std::move(detail));
  if (!noted) lists_.forget(looker);
}

asio::awaitable<bool> Looks::note(const store::Actor& actor, std::string action,
                                  std::string subject, std::string detail) {
  bool noted = false;
  // Not even tried otherwise: a write is held for seconds, and who looks would wait with it.
  if (store_.readiness().writable) {
    const auto done = co_await store_.office().note(actor, action, subject, std::move(detail),
                                                    common::wall_now());
    noted = done.has_value();
  }
  if (!noted)
    kLog.warn("a look at personal data stands in no audit log",
              {{"by", actor.name}, {"action", action}, {"subject", subject}});
  co_return noted;
}

}  // namespace booking::api
