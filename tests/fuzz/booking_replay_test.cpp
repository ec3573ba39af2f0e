#include "tests/support/catch.hpp"
#include "tests/support/corpus.hpp"

// The fuzz entries, by the names tests/unit/app/api/CMakeLists.txt gives them in this program.
extern "C" int fuzz_booking_form(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_booking_json(const std::uint8_t* data, std::size_t size);
extern "C" int fuzz_booking_upload(const std::uint8_t* data, std::size_t size);

TEST_CASE("The form corpus and mutations of it break nothing", "[booking][web][fuzz]") {
  tests::replay_corpus("booking_form_corpus", fuzz_booking_form, 5'000);
}

TEST_CASE("The JSON corpus and mutations of it break nothing", "[booking][api][fuzz]") {
  tests::replay_corpus("booking_json_corpus", fuzz_booking_json, 5'000);
}

TEST_CASE("The corpus of uploads and mutations of it break nothing", "[booking][web][fuzz]") {
  tests::replay_corpus("booking_upload_corpus", fuzz_booking_upload, 20'000);
}
