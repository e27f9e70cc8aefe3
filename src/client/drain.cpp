#include "client/drain.h"

#include "client/pool.h"

namespace xtrace {

Drain::Drain(Pool& pool, Loop& loop, Connection& connection)
    : pool_(pool), connection_(connection), patience_(loop) {
  connection_.parser().redirect_events(*this);
  connection_.lend_to(this);
  connection_.stream().resume();
  patience_.arm(kLongestDrain, [this] { end(false); });
}

Drain::~Drain() = default;

Flow Drain::on_received(Expected<std::span<const std::byte>> received) {
  const bool is_over = !received || received->empty();
  if (is_over) {
    end(false);
    return Flow::pause;
  }
  const Expected<std::size_t> taken = connection_.parser().feed(*received);
  if (!taken || drained_ > kMostDrained) {
    end(false);
  } else if (is_complete_) {
    end(connection_.parser().keeps_alive());
  }
  return Flow::proceed;  // `this` may be gone
}

void Drain::on_body(std::span<const std::byte> piece) {
  drained_ += piece.size();
}

void Drain::end(bool is_saved) {
  pool_.end_drain(*this, is_saved);  // destroys this
}

}  // namespace xtrace
