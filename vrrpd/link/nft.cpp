#include "vrrpd/link/nft.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <memory>
#include <nftables/libnftables.h>

namespace vrrp::link {
namespace {

using Context = std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)>;

Context make_context() {
  Context context{nft_ctx_new(NFT_CTX_DEFAULT), &nft_ctx_free};
  if (context) {
    nft_ctx_buffer_error(context.get());
    nft_ctx_buffer_output(context.get());
  }
  return context;
}

using Socket = std::unique_ptr<mnl_socket, decltype(&mnl_socket_close)>;
constexpr std::size_t kLargestBatch = 512;

/// A message of nfnetlink at the end of the batch.
nlmsghdr* put(mnl_nlmsg_batch* batch, int type, int flags, int family, int resource) {
  auto* const header = mnl_nlmsg_put_header(mnl_nlmsg_batch_current(batch));
  header->nlmsg_type = static_cast<std::uint16_t>(type);
  header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  auto* const body = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
  body->nfgen_family = static_cast<std::uint8_t>(family);
  body->version = NFNETLINK_V0;
  body->res_id = htons(static_cast<std::uint16_t>(resource));
  return header;
}

}  // namespace

void delete_netdev_table(const std::string& table) {
  const Socket socket{mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC), &mnl_socket_close};
  if (!socket) return;
  alignas(nlmsghdr) std::array<char, 2 * kLargestBatch> buffer{};
  const std::unique_ptr<mnl_nlmsg_batch, decltype(&mnl_nlmsg_batch_stop)> batch{
      mnl_nlmsg_batch_start(buffer.data(), kLargestBatch), &mnl_nlmsg_batch_stop};
  if (!batch) return;
  put(batch.get(), NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
  mnl_nlmsg_batch_next(batch.get());
  auto* const header =
      put(batch.get(), NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE, 0, NFPROTO_NETDEV, 0);
  mnl_attr_put_strz(header, NFTA_TABLE_NAME, table.c_str());
  mnl_nlmsg_batch_next(batch.get());
  put(batch.get(), NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
  mnl_nlmsg_batch_next(batch.get());
  // The kernel carries it out before this returns.
  mnl_socket_sendto(socket.get(), mnl_nlmsg_batch_head(batch.get()),
                    mnl_nlmsg_batch_size(batch.get()));
}

std::optional<std::string> run_nft(const std::string& commands) {
  const auto context = make_context();
  if (!context) return "no memory";
  if (nft_run_cmd_from_buffer(context.get(), commands.c_str()) == 0) return std::nullopt;
  std::string complaint = nft_ctx_get_error_buffer(context.get());
  return complaint.substr(0, complaint.find('\n'));
}

std::optional<std::string> list_nft(const std::string& command) {
  const auto context = make_context();
  if (!context || nft_run_cmd_from_buffer(context.get(), command.c_str()) != 0) return std::nullopt;
  return nft_ctx_get_output_buffer(context.get());
}

std::string nft_word(std::string_view interface) {
  std::string word{interface};
  std::ranges::replace_if(
      word,
      [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
      },
      '_');
  return word;
}

}  // namespace vrrp::link
