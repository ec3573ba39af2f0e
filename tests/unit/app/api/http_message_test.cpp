#include "app/api/http_message.hpp"

#include "app/api/same_origin.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace booking::api {

TEST_CASE("Fields are found in any case", "[booking][api]") {
  Request request;
  request.fields = {{"content-TYPE", " Application/JSON ; charset=utf-8"},
                    {"Cookie", "a=1; session=s=t"}};
  CHECK(request.count("Content-Type") == 1);
  CHECK(request.media_type() == "application/json");
  CHECK(request.cookie("session") == "s=t");
  CHECK(request.cookie("sess").empty());
  request.query = "status=requested&limit=5";
  CHECK(request.query_value("limit") == "5");
  CHECK(request.query_value("cursor").empty());
}

TEST_CASE("A request's id is taken over only when it is harmless", "[booking][api]") {
  CHECK(is_request_id("0f8e-A_1.x"));
  CHECK_FALSE(is_request_id(""));
  CHECK_FALSE(is_request_id("a b"));
  CHECK_FALSE(is_request_id("a\"b"));
  CHECK(is_request_id(std::string(128, 'x')));
  CHECK_FALSE(is_request_id(std::string(129, 'x')));
}

TEST_CASE("A form is taken from our own pages and from what is no browser", "[booking][api]") {
  struct Row {
    Fields fields;
    bool same;
  };
  const auto row = GENERATE(
      Row{{}, true}, Row{{{"Sec-Fetch-Site", "same-origin"}}, true},
      Row{{{"Sec-Fetch-Site", "none"}}, true}, Row{{{"Sec-Fetch-Site", "same-site"}}, false},
      Row{{{"Sec-Fetch-Site", "cross-site"}}, false},
      Row{{{"Origin", "http://booking.test:8080"}}, true},
      Row{{{"Origin", "https://Booking.test:8080"}}, true},
      Row{{{"Origin", "http://booking.test"}}, false}, Row{{{"Origin", "http://evil.test"}}, false},
      Row{{{"Origin", "null"}}, false});
  Request request;
  request.fields = row.fields;
  request.fields.emplace_back("Host", "booking.test:8080");
  CHECK(is_same_origin(request) == row.same);
}

}  // namespace booking::api
