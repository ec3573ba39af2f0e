#include "common/bytes.hpp"

#include "tests/support/catch.hpp"

#include <vector>

namespace common {
namespace {

TEST_CASE("Integers cross the wire in network order", "[common][bytes]") {
  std::vector<std::uint8_t> wire;
  append_big_endian<std::uint8_t>(wire, 0x31);
  append_big_endian<std::uint16_t>(wire, 0x0203);
  append_big_endian<std::uint32_t>(wire, 0xE0000012);
  append_big_endian<std::uint64_t>(wire, 0x0102030405060708);
  CHECK(wire == std::vector<std::uint8_t>{0x31, 2, 3, 0xE0, 0, 0, 0x12, 1, 2, 3, 4, 5, 6, 7, 8});

  OctetReader reader{wire};
  CHECK(reader.read<std::uint8_t>() == 0x31);
  CHECK(reader.read<std::uint16_t>() == 0x0203);
  CHECK(reader.read<std::uint32_t>() == 0xE0000012);
  CHECK(reader.read<std::uint64_t>() == 0x0102030405060708);
  CHECK(reader.rest().empty());
}

TEST_CASE("A reader never passes the end and consumes nothing it cannot give", "[common][bytes]") {
  const std::vector<std::uint8_t> wire{1, 2, 3};
  OctetReader reader{wire};
  CHECK_FALSE(reader.read<std::uint32_t>());
  CHECK(reader.read<std::uint16_t>() == 0x0102);
  CHECK_FALSE(reader.read<std::uint16_t>());
  CHECK(reader.read<std::uint8_t>() == 3);
  CHECK_FALSE(reader.read<std::uint8_t>());
}

}  // namespace
}  // namespace common
