#pragma once

/// What a service's program does once it listens.

#include <string_view>

#include <xtrace/address.h>
#include <xtrace/callback.h>
#include <xtrace/loop.h>

#include "microservices/stop_requests.h"

namespace xtrace::examples {

/// Says where `name` listens and runs the loop until the process is asked to end. `close` then
/// takes no more requests and finishes those under way, unless it is asked again. Returns the exit
/// code.
int serve(Loop& loop, const StopRequests& stops, std::string_view name, const Address& address,
          Callback<void(Callback<void()>)> close);

}  // namespace xtrace::examples
