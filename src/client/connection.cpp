#include "client/connection.h"

#include <utility>

#include "client/pool.h"
#include "loop/timer.h"

namespace xtrace {

Connection::Connection(Pool& pool, PoolGroup& group, Dialled made, std::uint64_t number)
    : made_at(tick_now()),
      pool_(pool),
      group_(group),
      number_(number),
      local_(made.stream->local_address()),
      made_(std::move(made)) {
  made_.stream->start_reading([this](Expected<std::span<const std::byte>> received) {
    return on_data(std::move(received));
  });
}

Connection::~Connection() = default;

ResponseParser& Connection::parser_for(std::string_view method, ParserLimits limits,
                                       ResponseEvents& events) {
  if (parser_) {
    parser_->reset(method, events);
  } else {
    parser_.emplace(method, limits, events);
  }
  return *parser_;
}

// While nobody uses it, whatever comes is the end: EOF, an error, or bytes that no request asked
// for (a 408 of a server that lost patience, RFC 9110 section 15.5.9).
Flow Connection::on_data(Expected<std::span<const std::byte>> received) {
  if (user_ != nullptr) return user_->on_received(std::move(received));
  pool_.condemn(*this, CloseReason::server_closed);  // destroys this
  return Flow::pause;
}

}  // namespace xtrace
