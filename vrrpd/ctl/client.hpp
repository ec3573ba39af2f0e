#pragma once

#include "common/admin_client.hpp"
#include "vrrpd/ctl/arguments.hpp"

#include <string>

namespace vrrp::ctl {

// What the commands that speak to a vrrpd have in common.

using Said = common::Result<common::AdminReply, std::string>;

void print(const std::string& text);
/// To standard error, a line.
void complain(const std::string& text);

Said ask_status(const common::AdminClient& client);
/// What went wrong, told; Done when nothing did.
Exit trouble(const Arguments& arguments, const Said& said);

}  // namespace vrrp::ctl
