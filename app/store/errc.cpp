#include "app/store/errc.hpp"

#include <string>

namespace booking::store {
namespace {

// Boost's category is never deleted through its base and says so with a protected destructor.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "booking.store"; }

  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::Unavailable:
        return "no writable database node answers";
      case Errc::Overloaded:
        return "too many operations wait for the database";
      case Errc::UnknownOutcome:
        return "the database connection broke during the commit";
      case Errc::SchemaMismatch:
        return "the database schema is not the one this program knows";
      case Errc::Internal:
        return "the database refused a statement";
    }
    return "unknown";
  }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& category() {
  static const Category instance;
  return instance;
}

boost::system::error_code make_error_code(Errc errc) {
  return {static_cast<int>(errc), category()};
}

}  // namespace booking::store
