#include "app/web/form_data.hpp"

#include "tests/support/catch.hpp"

#include <string>

namespace booking::web {

TEST_CASE("A form's fields are decoded and their blanks cut off", "[booking][web]") {
  const auto form =
      FormData::decode("name=%ED%99%8D+%EA%B8%B8%EB%8F%99&text=%20a%0D%0Ab%0D%0A&empty=&bare");
  REQUIRE(form);
  CHECK(form->value("name") == "홍 길동");
  CHECK(form->value("text") == "a\nb");
  CHECK(form->value("empty").empty());
  CHECK(form->has("bare"));
  CHECK_FALSE(form->has("absent"));
  CHECK(form->value("absent").empty());
}

TEST_CASE("An equals sign in a value belongs to the value", "[booking][web]") {
  const auto form = FormData::decode("a=b=c&&");
  REQUIRE(form);
  CHECK(form->value("a") == "b=c");
  CHECK(form->size() == 1);
}

TEST_CASE("A form that two readers could read differently is refused", "[booking][web]") {
  const auto* const text = GENERATE("a=%", "a=%4", "a=%zz", "a=%4g", "a=1&a=2", "a=%00",
                                    "a=%ff",           // never UTF-8
                                    "a=%c0%80",        // overlong
                                    "a=%ed%a0%80",     // a surrogate
                                    "a=%f4%90%80%80",  // beyond Unicode
                                    "a=%e2%82");       // cut short
  CAPTURE(text);
  CHECK_FALSE(FormData::decode(text));
}

TEST_CASE("A form has a bounded number of fields", "[booking][web]") {
  std::string text;
  for (std::size_t i = 0; i < FormData::kMostPairs; ++i) text += std::to_string(i) + "=x&";
  CHECK(FormData::decode(text));
  CHECK_FALSE(FormData::decode(text + "more=x"));
}

}  // namespace booking::web
