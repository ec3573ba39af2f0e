#include "lb/filters/basic_auth.hpp"

#include "lb/filters/shared_state.hpp"

#include <utility>

namespace lb::filters {
namespace {

class PasswordCheck final : public Verification {
 public:
  PasswordCheck(std::shared_ptr<const PasswordFile> users, std::shared_ptr<PasswordMemory> memory,
                std::shared_ptr<PasswordPool> pool, Credentials credentials)
      : users_{std::move(users)},
        memory_{std::move(memory)},
        pool_{std::move(pool)},
        credentials_{std::move(credentials)} {}

  void start(std::function<void(bool)> done) override {
    pool_->run([users = users_, memory = memory_, credentials = std::move(credentials_),
                done = std::move(done)] {
      const auto digest = memory->digest_of(credentials);
      // Several connections of one client ask at once: the first has found out for all.
      auto right = memory->recall(digest, common::Clock::now());
      if (!right) {
        const auto* hash = users->hash_of(credentials.user);
        const bool matches =
            verify_password(hash != nullptr ? *hash : users->any_hash(), credentials.password);
        right = matches && hash != nullptr;
        memory->remember(digest, *right, common::Clock::now());
      }
      done(*right);
    });
  }

 private:
  std::shared_ptr<const PasswordFile> users_;
  std::shared_ptr<PasswordMemory> memory_;
  std::shared_ptr<PasswordPool> pool_;
  Credentials credentials_;
};

/// Of the one Authorization there may be: of two an endpoint could believe the other.
std::optional<Credentials> credentials_of(const Request& request) {
  const http::Field* only = nullptr;
  for (const auto& field : request.head.fields) {
    if (field.id != http::FieldId::Authorization) continue;
    if (only != nullptr) return std::nullopt;
    only = &field;
  }
  return only != nullptr ? parse_basic(only->value) : std::nullopt;
}

}  // namespace

BasicAuth::BasicAuth(BasicAuthOptions options, PasswordFile users)
    : options_{std::move(options)},
      challenge_{"Basic realm=\"" + options_.realm + "\", charset=\"UTF-8\""},
      users_{std::make_shared<const PasswordFile>(std::move(users))},
      memory_{std::make_shared<PasswordMemory>()},
      pool_{shared_state<PasswordPool>("", [] { return std::make_shared<PasswordPool>(); })} {}

Next BasicAuth::on_request(const Request& request, Passage& passage) const {
  auto credentials = credentials_of(request);
  if (!credentials) return refuse(passage);
  if (const auto right = memory_->recall(memory_->digest_of(*credentials), request.now))
    return *right ? let_in(request, passage) : refuse(passage);
  if (!pool_->reserve()) return passage.refuse(Reason::PasswordsBusy, {{"Retry-After", "1"}});
  return passage.verify(
      std::make_shared<PasswordCheck>(users_, memory_, pool_, std::move(*credentials)));
}

Next BasicAuth::on_verified(bool right, const Request& request, Passage& passage) const {
  return right ? let_in(request, passage) : refuse(passage);
}

Next BasicAuth::let_in(const Request& request, Passage& passage) const {
  if (!options_.user_field.empty()) {
    passage.remove_field(options_.user_field);
    if (auto credentials = credentials_of(request))
      passage.add_field(options_.user_field, passage.keep(std::move(credentials->user)));
  }
  if (!options_.forward) passage.remove_field("authorization");
  return Next::Pass;
}

Next BasicAuth::refuse(Passage& passage) const {
  return passage.refuse(Reason::Unauthorized, {{"WWW-Authenticate", challenge_}});
}

}  // namespace lb::filters
