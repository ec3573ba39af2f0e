#include "vrrpd/link/nft.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <dlfcn.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <memory>
#include <nftables/libnftables.h>

namespace vrrp::link {
namespace {

/// libnftables with what it brings (gmp, jansson, xtables) is 1.5 MiB that are needed for
/// milliseconds.
struct Library {
  void* handle{::dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL)};
  decltype(&nft_ctx_new) make{find<decltype(&nft_ctx_new)>("nft_ctx_new")};
  decltype(&nft_ctx_free) free{find<decltype(&nft_ctx_free)>("nft_ctx_free")};
  decltype(&nft_ctx_buffer_error) keep_errors{
      find<decltype(&nft_ctx_buffer_error)>("nft_ctx_buffer_error")};
  decltype(&nft_ctx_buffer_output) keep_output{
      find<decltype(&nft_ctx_buffer_output)>("nft_ctx_buffer_output")};
  decltype(&nft_ctx_get_error_buffer) errors{
      find<decltype(&nft_ctx_get_error_buffer)>("nft_ctx_get_error_buffer")};
  decltype(&nft_ctx_get_output_buffer) output{
      find<decltype(&nft_ctx_get_output_buffer)>("nft_ctx_get_output_buffer")};
  decltype(&nft_run_cmd_from_buffer) run{
      find<decltype(&nft_run_cmd_from_buffer)>("nft_run_cmd_from_buffer")};

  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (handle != nullptr) ::dlclose(handle);
  }

  bool whole() const {
    return make != nullptr && free != nullptr && keep_errors != nullptr && keep_output != nullptr &&
           errors != nullptr && output != nullptr && run != nullptr;
  }

 private:
  template <class Function>
  Function find(const char* name) const {
    return handle == nullptr ? nullptr : reinterpret_cast<Function>(::dlsym(handle, name));
  }
};

std::unique_ptr<Library> library;

using Context = std::unique_ptr<nft_ctx, void (*)(nft_ctx*)>;

Context make_context() {
  if (!library) library = std::make_unique<Library>();
  if (!library->whole()) return {nullptr, [](nft_ctx*) {}};
  Context context{library->make(NFT_CTX_DEFAULT), library->free};
  if (context) {
    library->keep_errors(context.get());
    library->keep_output(context.get());
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

void delete_nft_table(NftFamily family, const std::string& table) {
  const Socket socket{mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC), &mnl_socket_close};
  if (!socket) return;
  alignas(nlmsghdr) std::array<char, 2 * kLargestBatch> buffer{};
  const std::unique_ptr<mnl_nlmsg_batch, decltype(&mnl_nlmsg_batch_stop)> batch{
      mnl_nlmsg_batch_start(buffer.data(), kLargestBatch), &mnl_nlmsg_batch_stop};
  if (!batch) return;
  put(batch.get(), NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
  mnl_nlmsg_batch_next(batch.get());
  auto* const header = put(batch.get(), NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE, 0,
                           static_cast<std::uint8_t>(family), 0);
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
  if (!context) return "libnftables.so.1 cannot be loaded";
  if (library->run(context.get(), commands.c_str()) == 0) return std::nullopt;
  std::string complaint = library->errors(context.get());
  return complaint.substr(0, complaint.find('\n'));
}

std::optional<std::string> list_nft(const std::string& command) {
  const auto context = make_context();
  if (!context || library->run(context.get(), command.c_str()) != 0) return std::nullopt;
  return library->output(context.get());
}

void unload_nft() { library.reset(); }

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
