#pragma once

#include "app/records/list_looks.hpp"
#include "app/store/store.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace booking::api {

/// Notes in the audit log who looked at whose data. While no node takes writes it can still be
/// looked at; then the process's log keeps it alone.
class Looks {
 public:
  explicit Looks(store::Store& store) : store_{store} {}

  boost::asio::awaitable<void> at(const store::Actor& actor, std::string action,
                                  std::string subject);
  /// The same for a list that showed `names`: one entry for all of them, and one alone while a page
  /// that stands open asks again and again. An empty list showed nobody's data.
  boost::asio::awaitable<void> at_list(const store::Actor& actor, std::string action,
                                       std::string subject, std::vector<std::string> names);

 private:
  boost::asio::awaitable<bool> note(const store::Actor& actor, std::string action,
                                    std::string subject, std::string detail);

  store::Store& store_;
  records::ListLooks lists_;
};

}  // namespace booking::api
