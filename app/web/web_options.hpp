#pragma once

#include <string>

namespace booking::web {

struct WebOptions {
  std::string business_name{"메인스테이 설비"};
  std::string
      public_url;  // `https://…`, without a slash at its end; empty: a QR code holds the number
  std::string emergency_phone;  // digits and hyphens; empty: the banner has the tip alone
};

}  // namespace booking::web
