#pragma once

/// Boost.Beast and X-Ray: `BeastRequestFacts` (beast_server.h) for what a service answers,
/// `BeastCall` (beast_client.h) for what it calls. docs/adapters.md has both at work.

#include <xtrace/adapters/beast_client.h>
#include <xtrace/adapters/beast_error.h>
#include <xtrace/adapters/beast_server.h>
