#include "app/web/multipart.hpp"

#include "tests/support/catch.hpp"

using namespace booking::web;

namespace {

std::string part(const std::string& head, const std::string& content) {
  return "--b\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + content + "\r\n";
}

const std::string kEnd = "--b--\r\n";

bool reads(const std::string& body) { return read_multipart(body, "b").has_value(); }

}  // namespace

TEST_CASE("A form with files is read", "[booking][web][multipart]") {
  const auto body = part("name=\"phone\"", " 010 ") +
                    part("name=\"photos\"; filename=\"a;\\b.jpg\"\r\nContent-Type: image/jpeg",
                         "x\r\n--not\r\ny") +
                    part("name=\"photos\"; filename=\"\"", "") + part("name=empty", "") + kEnd;
  const auto form = read_multipart(body, "b");
  REQUIRE(form);
  CHECK(form->fields.value("phone") == "010");
  CHECK(form->fields.has("empty"));
  REQUIRE(form->files.size() == 1);
  CHECK(form->files[0].field == "photos");
  CHECK(form->files[0].content == "x\r\n--not\r\ny");
}

TEST_CASE("What is no whole form is refused", "[booking][web][multipart]") {
  const auto good = part("name=\"a\"", "1") + kEnd;
  CHECK(reads(good));
  for (std::size_t cut = 0; cut + 2 < good.size(); ++cut) {
    CAPTURE(cut);
    CHECK_FALSE(reads(good.substr(0, cut)));
  }
  CHECK_FALSE(reads(part("name=\"a\"", "1") + part("name=\"a\"", "2") + kEnd));  // twice
  CHECK_FALSE(reads(part("name=\"a\"", "\xFF") + kEnd));
  CHECK_FALSE(reads(part("name=\"\"", "1") + kEnd));
  CHECK_FALSE(reads(part("filename=\"x\"", "1") + kEnd));
  CHECK_FALSE(reads("--b\r\nContent-Type: text/plain\r\n\r\n1\r\n" + kEnd));
  CHECK_FALSE(reads("--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n" + kEnd));
  CHECK_FALSE(reads("--b\r\nX: " + std::string(2000, 'x') + "\r\n\r\n1\r\n" + kEnd));
  CHECK_FALSE(read_multipart(good, ""));
}

TEST_CASE("A form has limits", "[booking][web][multipart]") {
  std::string many;
  for (int i = 0; i < 65; ++i) many += part("name=\"f" + std::to_string(i) + "\"", "");
  CHECK_FALSE(reads(many + kEnd));
  std::string files;
  for (int i = 0; i < 9; ++i) files += part("name=\"photos\"; filename=\"a\"", "x");
  CHECK_FALSE(reads(files + kEnd));
  CHECK_FALSE(reads(part("name=\"a\"", std::string(70000, 'x')) + kEnd));
}

TEST_CASE("A boundary is taken from the field as it may stand there", "[booking][web][multipart]") {
  CHECK(boundary_of("multipart/form-data; boundary=abc") == "abc");
  CHECK(boundary_of("Multipart/Form-Data; charset=utf-8; boundary=\"a b\"").empty());
  CHECK(boundary_of("multipart/form-data; boundary=\"a-b\"") == "a-b");
  CHECK(boundary_of("multipart/form-data").empty());
  CHECK(boundary_of("text/plain; boundary=a").empty());
  CHECK(boundary_of("multipart/form-data; boundary=" + std::string(71, 'x')).empty());
}
