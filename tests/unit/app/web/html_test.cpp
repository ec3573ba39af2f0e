#include "app/web/html.hpp"

#include "tests/support/catch.hpp"

namespace booking::web {

TEST_CASE("Every character that means something in HTML is escaped", "[booking][web]") {
  CHECK(Html::escaped("<a href='x' class=\"y\">R&D</a>").markup() ==
        "&lt;a href=&#39;x&#39; class=&quot;y&quot;&gt;R&amp;D&lt;/a&gt;");
  CHECK(Html::escaped("누수").markup() == "누수");
  CHECK(Html::escaped(std::string_view{"a\0b", 3}).markup() ==
        "a\xEF\xBF\xBD"
        "b");
}

TEST_CASE("A template's holes take text escaped and markup as it is", "[booking][web]") {
  CHECK(fill("<p>{{a}}</p>{{b}}{{a}}", {{"a", "<"}, {"b", Html::raw("<hr>")}}).markup() ==
        "<p>&lt;</p><hr>&lt;");
}

TEST_CASE("What looks like a hole in a guest's words is not one", "[booking][web]") {
  CHECK(fill("{{a}} {{b}}", {{"a", "{{b}}"}, {"b", "secret"}}).markup() == "{{b}} secret");
}

}  // namespace booking::web
