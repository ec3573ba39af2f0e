#include "vrrpd/link/rules_monitor.hpp"

#include "tests/support/catch.hpp"

#include <array>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string>
#include <vector>

namespace vrrp::link {
namespace {

/// As the kernel tells of a table.
void put(std::vector<std::uint8_t>& out, int message, const std::string& table) {
  alignas(nlmsghdr) std::array<std::uint8_t, 256> buffer{};
  auto* const header = mnl_nlmsg_put_header(buffer.data());
  header->nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message);
  mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg));
  mnl_attr_put_strz(header, NFTA_TABLE_NAME, table.c_str());
  out.insert(out.end(), buffer.begin(), buffer.begin() + NLMSG_ALIGN(header->nlmsg_len));
}

TEST_CASE("A table that was deleted and not made again is gone", "[vrrp][link][rules]") {
  std::vector<std::uint8_t> told;
  put(told, NFT_MSG_DELRULE, "kept");
  put(told, NFT_MSG_DELTABLE, "flushed");
  put(told, NFT_MSG_DELTABLE, "replaced");
  put(told, NFT_MSG_NEWTABLE, "replaced");
  put(told, NFT_MSG_NEWTABLE, "made");
  GoneTables gone;
  CHECK(gone.none());
  gone.note(told);
  CHECK_FALSE(gone.none());
  CHECK(gone.has("flushed"));
  CHECK_FALSE(gone.has("replaced"));
  CHECK_FALSE(gone.has("kept"));
  CHECK_FALSE(gone.has("made"));
}

TEST_CASE("What the kernel could not tell may be anything", "[vrrp][link][rules]") {
  GoneTables gone;
  gone.note_loss();
  CHECK_FALSE(gone.none());
  CHECK(gone.has("whatever"));
}

TEST_CASE("What stands is not gone, whatever was told before a loss", "[vrrp][link][rules]") {
  std::vector<std::uint8_t> told;
  put(told, NFT_MSG_DELTABLE, "made anew");
  GoneTables gone;
  gone.note(told);
  gone.note_standing({"made anew"});
  CHECK_FALSE(gone.none());
  CHECK_FALSE(gone.has("made anew"));
  CHECK(gone.has("whatever"));
}

TEST_CASE("A message cut short is no message", "[vrrp][link][rules]") {
  std::vector<std::uint8_t> told;
  put(told, NFT_MSG_DELTABLE, "flushed");
  for (std::size_t size = 0; size < told.size(); ++size) {
    GoneTables gone;
    gone.note({told.data(), size});
    CHECK(gone.none());
  }
}

}  // namespace
}  // namespace vrrp::link
