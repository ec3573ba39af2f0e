#include "vrrpd/link/nft.hpp"

#include <algorithm>
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

}  // namespace

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
