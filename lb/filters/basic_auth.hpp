#pragma once

#include "lb/filters/filter.hpp"
#include "lb/filters/password_file.hpp"
#include "lb/filters/password_pool.hpp"

#include <memory>
#include <string>

namespace lb::filters {

struct BasicAuthOptions {
  std::string realm{"restricted"};  // without quotes
  std::string user_field;           // tells the endpoint who it is; empty: nothing does
  bool forward{true};               // the endpoint gets Authorization, too
};

/// Name and password by the Basic scheme (RFC 7617). A password is hashed on a thread of its own;
/// what came of it is remembered for a while, so that not every request pays for it.
class BasicAuth final : public Filter {
 public:
  BasicAuth(BasicAuthOptions options, PasswordFile users);
  Next on_request(const Request& request, Passage& passage) const override;
  Next on_verified(bool right, const Request& request, Passage& passage) const override;

 private:
  Next let_in(const Request& request, Passage& passage) const;
  Next refuse(Passage& passage) const;

  BasicAuthOptions options_;
  std::string challenge_;
  std::shared_ptr<const PasswordFile> users_;
  std::shared_ptr<PasswordMemory> memory_;
  std::shared_ptr<PasswordPool> pool_;
};

}  // namespace lb::filters
