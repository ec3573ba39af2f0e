#pragma once

#include "lb/proxy/worker_context.hpp"

namespace lb::proxy {

/// How the sessions of a worker are: of all of them how many are in which state, and of `most` more
/// than that. Requests under way come first, the one that began first before the others; then
/// connections between two requests. Called by the worker's own thread.
SessionsView look_at(WorkerContext& worker, std::size_t most, common::TimePoint now);

}  // namespace lb::proxy
