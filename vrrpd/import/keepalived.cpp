#include "vrrpd/import/keepalived.hpp"

#include "vrrpd/import/site.hpp"

namespace vrrp::import {
namespace {

bool is_check(const std::string& name) {
  return name == "vrrp_script" || name == "vrrp_track_process" || name == "vrrp_track_file" ||
         name == "track_file";
}

}  // namespace

common::Result<Imported, std::string> import_keepalived(const std::string& path,
                                                        const Files& files) {
  const auto loaded = load_keepalived(path, files);
  if (!loaded) return {boost::system::in_place_error, loaded.error()};
  Site site;
  for (const auto& directive : *loaded) {
    if (directive.name == "global_defs") import_global(directive, site);
    if (is_check(directive.name)) import_check(directive, site);
    if (directive.name.starts_with("virtual_server") || directive.name == "real_server")
      site.notes.left_out(directive, "lbd balances; see `lbctl import`");
  }
  for (const auto& directive : *loaded)
    if (directive.name == "vrrp_instance") import_instance(directive, site);
  for (const auto& directive : *loaded)
    if (directive.name == "vrrp_sync_group") import_group(directive, site);
  std::string report;
  for (const auto& line : site.notes.lines(*loaded)) report += line + '\n';
  if (site.routers.empty())
    return {boost::system::in_place_error,
            path + ": there is no vrrp_instance that can be taken over\n" + report};
  return Imported{write_yaml(site, *loaded, path), std::move(report)};
}

}  // namespace vrrp::import
