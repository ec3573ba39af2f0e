#pragma once

#include "app/store/session.hpp"
#include "app/store/store.hpp"
#include "app/store/tools.hpp"

#include <vector>

namespace booking::store {

// The SQL of the outbox: messages are written with what they tell of, and taken by lease.

struct Telling {
  core::Move move{core::Move::Request};
  core::Party by{core::Party::Guest};
  core::Status status{core::Status::Requested};
  bool tell_guest{true};
};

/// Who is told of it: the shop (Slack) of what guests do, programs (webhook) of everything, the
/// guest (text message) of their request and of what the shop does, if it says so.
bool tells(Channel channel, const Telling& telling);

void write_messages(Session& db, const core::BookingId& booking, const Telling& telling,
                    common::WallTime now, const Tools& tools);
std::vector<Message> claim_messages(Session& db, const MessageClaim& claim,
                                    const privacy::Vault& vault);
void end_message(Session& db, const MessageEnd& end);
MessagesWaiting messages_waiting(Session& db);

}  // namespace booking::store
