#include "vrrpd/config/load.hpp"

#include "common/log_options.hpp"
#include "vrrpd/config/readers.hpp"

namespace vrrp::config {

using common::ConfigDocument;
using daemon::Options;

namespace {

common::Result<Options, std::vector<common::ConfigError>> read(const ConfigDocument& document) {
  Options options;
  const auto root = document.root();
  common::read_log_options(root.section("log"), options.log);
  read_admin(root, options.admin);
  read_directories(root, options.memory);
  read_handover(root, options.handover);
  options.routers = read_routers(root);
  read_process(root, options);
  if (auto errors = document.errors(); !errors.empty()) return errors;
  return options;
}

}  // namespace

common::Result<Options, std::vector<common::ConfigError>> load(const std::string& path) {
  return read(ConfigDocument::from_file(path));
}

common::Result<Options, std::vector<common::ConfigError>> load_text(std::string_view text,
                                                                    std::string name) {
  return read(ConfigDocument::from_text(text, std::move(name)));
}

}  // namespace vrrp::config
