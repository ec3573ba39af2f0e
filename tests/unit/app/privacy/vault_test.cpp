#include "app/privacy/vault.hpp"

#include "tests/support/catch.hpp"

#include <set>

using namespace booking::privacy;

namespace {

KeyRing ring(KeyId active = 1) {
  KeyRing made;
  made.keys[1].fill(1);
  made.keys[2].fill(2);
  made.active = active;
  made.index.fill(9);
  return made;
}

std::string fault_of(std::string_view text) {
  const auto read = read_keys(text);
  const auto* fault = std::get_if<std::string>(&read);
  return fault == nullptr ? "" : *fault;
}

const std::string kHex(64, 'a');

}  // namespace

TEST_CASE("What was sealed opens in its place and nowhere else", "[app][privacy]") {
  const Vault vault{ring()};
  for (const std::string text : {"", "+821012345678", "서울시 마포구 와우산로 1\n2층"}) {
    const auto sealed = vault.seal(text, "booking.address:1");
    CHECK(Vault::is_sealed(sealed));
    CHECK((text.empty() || sealed.find(text) == std::string::npos));
    CHECK(vault.open(sealed, "booking.address:1") == text);
    CHECK_FALSE(vault.open(sealed, "booking.address:2"));
  }
  CHECK(vault.open("written before there were keys", "x") == "written before there were keys");
}

TEST_CASE("Every changed octet is noticed", "[app][privacy]") {
  const Vault vault{ring()};
  const auto sealed = vault.seal("010-1234-5678", "p");
  for (std::size_t i = 1; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = changed[i] == '7' ? '8' : '7';
    CAPTURE(i);
    CHECK_FALSE(vault.open(changed, "p"));
    CHECK_FALSE(vault.open(sealed.substr(0, i), "p"));
  }
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) all.insert(vault.seal("same", "p"));
  CHECK(all.size() == 1000);  // no nonce twice
}

TEST_CASE("A new key seals, the old one still opens, a lost one does not", "[app][privacy]") {
  const Vault before{ring(1)};
  const Vault after{ring(2)};
  const auto old = before.seal("memo", "p");
  CHECK(Vault::key_of(old) == 1);
  CHECK(after.open(old, "p") == "memo");
  CHECK(Vault::key_of(after.seal("memo", "p")) == 2);
  auto only = ring(2);
  only.keys.erase(1);
  CHECK_FALSE(Vault{only}.open(old, "p"));
  CHECK_FALSE(Vault::key_of("plain"));
}

TEST_CASE("A blind index finds equals, is kept apart by purpose and needs its key",
          "[app][privacy]") {
  const Vault vault{ring()};
  CHECK(vault.index("phone", "a") == Vault{ring(2)}.index("phone", "a"));
  CHECK(vault.index("phone", "a") != vault.index("phone", "b"));
  CHECK(vault.index("phone", "a") != vault.index("name", "a"));
  auto other = ring();
  other.index.fill(8);
  CHECK(vault.index("phone", "a") != Vault{other}.index("phone", "a"));
}

TEST_CASE("A key file is read, or its line is named without its key", "[app][privacy]") {
  const auto read =
      read_keys("# c\nindex " + kHex + "\nkey 1 " + kHex + "\r\n\nkey 3 " + kHex + " # x");
  REQUIRE(std::holds_alternative<KeyRing>(read));
  CHECK(std::get<KeyRing>(read).active == 3);
  const auto named =
      read_keys("index " + kHex + "\nkey 1 " + kHex + "\nkey 2 " + kHex + "\nactive 1\n");
  CHECK(std::get<KeyRing>(named).active == 1);

  CHECK(fault_of("") == "there is no index key");
  CHECK(fault_of("index " + kHex) == "there is no key");
  CHECK(fault_of("index abc") == "line 1: an index key is 64 hexadecimal digits");
  CHECK(fault_of("index " + kHex + "\nindex " + kHex) == "line 2: there is one index key");
  CHECK(fault_of("\nkey 0 " + kHex) == "line 2: a key's id is 1 to 9999");
  CHECK(fault_of("key 1 " + kHex + "\nkey 1 " + kHex) == "line 2: this key's id came before");
  CHECK(fault_of("key 1 " + kHex + "\nindex " + kHex + "\nactive 7") ==
        "the active key is not there");
  CHECK(fault_of("sesame " + kHex).find(kHex) == std::string::npos);
}

TEST_CASE("A new key file can be read and grows by a line", "[app][privacy]") {
  const auto text = new_key_file();
  const auto first = std::get<KeyRing>(read_keys(text));
  CHECK(first.active == 1);
  const auto second = std::get<KeyRing>(read_keys(text + next_key_line(first)));
  CHECK(second.active == 2);
  CHECK(second.keys.at(1) == first.keys.at(1));
  CHECK(new_key_file() != text);
}
