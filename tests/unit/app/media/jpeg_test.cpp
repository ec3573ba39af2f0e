#include "app/media/jpeg.hpp"

#include "tests/support/catch.hpp"

using namespace booking::media;

namespace {

std::string segment(unsigned marker, const std::string& body) {
  const auto length = body.size() + 2;
  return std::string{'\xFF', static_cast<char>(marker), static_cast<char>(length >> 8U),
                     static_cast<char>(length & 0xFFU)} +
         body;
}

const std::string kSoi{"\xFF\xD8"};
const std::string kEoi{"\xFF\xD9"};
const std::string kTable = segment(0xDB, std::string(65, '\x01'));
const std::string kFrame = segment(0xC0, std::string{"\x08\x00\x10\x00\x20\x01\x01\x11\x00", 9});
const std::string kHuffman = segment(0xC4, std::string(20, '\x00'));
const std::string kScan =
    segment(0xDA, std::string{"\x01\x01\x00\x00\x3F\x00", 6}) + std::string{
                                                                    "ab\xFF\x00"
                                                                    "c\xFF\xD0"
                                                                    "d",
                                                                    8};
const std::string kExif = segment(0xE1, std::string{"Exif\0\0GPS 37.5665", 17});

std::string fault_of(const std::string& octets) {
  const auto stripped = strip_jpeg(octets);
  const auto* fault = std::get_if<JpegFault>(&stripped);
  return fault == nullptr ? "fine" : std::string{to_string(*fault)};
}

}  // namespace

TEST_CASE("A photo keeps its picture and loses what it tells", "[app][media][jpeg]") {
  const auto adobe = segment(0xEE, std::string{"Adobe\0\x64\0\0\0\0\x01 and more", 21});
  const auto profile = segment(0xE2, std::string{"ICC_PROFILE\0\x01\x01xx", 16});
  const auto picture = kTable + kFrame + kHuffman + kScan;
  const auto photo = kSoi + segment(0xE0, "JFIF old") + kExif +
                     segment(0xED, "Photoshop 3.0 IPTC") + adobe + profile + segment(0xE2, "MPF") +
                     segment(0xFE, "a comment with a name") + picture + kEoi +
                     "trailing video with a place";
  const auto stripped = strip_jpeg(photo);
  REQUIRE(std::holds_alternative<Jpeg>(stripped));
  const auto& jpeg = std::get<Jpeg>(stripped);
  CHECK(jpeg.width == 32);
  CHECK(jpeg.height == 16);
  for (const char* gone : {"Exif", "GPS", "IPTC", "comment", "trailing", "old", "MPF", "and more"})
    CHECK(jpeg.octets.find(gone) == std::string::npos);
  CHECK(jpeg.octets.find("Adobe") != std::string::npos);
  CHECK(jpeg.octets.ends_with(profile + picture + kEoi));
  CHECK(std::get<Jpeg>(strip_jpeg(jpeg.octets)).octets == jpeg.octets);  // nothing left to take
}

TEST_CASE("What is no whole photo is refused with its reason", "[app][media][jpeg]") {
  const auto good = kSoi + kExif + kTable + kFrame + kHuffman + kScan + kEoi;
  CHECK(fault_of(good) == "fine");
  CHECK(fault_of("") == "not_jpeg");
  CHECK(fault_of("\x89PNG\r\n\x1a\n") == "not_jpeg");
  CHECK(fault_of("<svg onload=alert(1)>") == "not_jpeg");
  for (std::size_t cut = 4; cut < good.size(); ++cut) {
    CAPTURE(cut);
    CHECK(fault_of(good.substr(0, cut)) != "fine");
  }
  CHECK(fault_of(kSoi + kTable + kFrame + kEoi) == "malformed");  // no scan
  CHECK(fault_of(kSoi + kTable + kScan + kEoi) == "malformed");   // no frame
  CHECK(fault_of(kSoi + kFrame + kScan + kEoi) == "malformed");   // no table
  CHECK(fault_of(kSoi + kTable + kFrame + kFrame + kScan + kEoi) == "malformed");
  CHECK(fault_of(kSoi + "\xFF\xD8" + kTable + kFrame + kScan + kEoi) == "malformed");
  CHECK(fault_of(kSoi + std::string{"\xFF\xE1\x00\x01", 4} + kEoi) == "malformed");
  CHECK(fault_of(kSoi + segment(0xC9, std::string{"\x08\x00\x10\x00\x20\x01\x01\x11\x00", 9}) +
                 kEoi) == "unsupported");  // arithmetic coding
  CHECK(fault_of(kSoi + segment(0xC0, std::string{"\x08\xFF\xFF\xFF\xFF\x01\x01\x11\x00", 9}) +
                 kEoi) == "too_large");
  std::string many = kSoi;
  for (int i = 0; i < 600; ++i) many += segment(0xFE, "");
  CHECK(fault_of(many + kTable + kFrame + kScan + kEoi) == "too_large");
}
