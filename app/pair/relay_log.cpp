#include "app/pair/relay_log.hpp"

namespace booking::pair {

void RelayLog::add(std::string_view type, std::string_view info) {
  if (type == "Gtid") return begin(info);
  if (type == "Gtid_list") {  // `[0-31-1234,1-31-7]`: what comes before this file
    const auto from = info.find('[');
    const auto list = from == info.npos
                          ? std::nullopt
                          : GtidPosition::parse(info.substr(from + 1, info.find(']') - from - 1));
    if (list)
      end_ = end_.joined(*list);
    else
      broken_ = true;
    return;
  }
  if (!open_) return;
  const bool ends =
      type == "Xid" ||
      (type == "Query" && (open_->one_statement || info == "COMMIT" || info == "ROLLBACK"));
  if (!ends) return;
  end_ = end_.joined(GtidPosition::at(open_->gtid));
  open_.reset();
}

/// `BEGIN GTID 0-31-1234 cid=7`; without BEGIN it is one statement.
void RelayLog::begin(std::string_view info) {
  constexpr std::string_view kName{"GTID "};
  open_.reset();
  const auto at = info.find(kName);
  if (at == info.npos) {
    broken_ = true;
    return;
  }
  const auto name = info.substr(at + kName.size());
  const auto gtid = Gtid::parse(name.substr(0, name.find(' ')));
  if (!gtid) {
    broken_ = true;
    return;
  }
  if (!first_) first_ = gtid;
  open_ = Open{*gtid, !info.starts_with("BEGIN")};
}

}  // namespace booking::pair
