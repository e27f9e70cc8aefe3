#include "microservices/serve.h"

#include <memory>
#include <string>
#include <utility>

#include "stage/daemon_log.h"

namespace xtrace::examples {

int serve(Loop& loop, const StopRequests& stops, std::string_view name, const Address& address,
          Callback<void(Callback<void()>)> close) {
  log_info(std::string(name) + " listens on http://" + address.to_string());
  loop.run_until([&stops] { return stops.count() > 0; }, kForever);
  log_info(std::string(name) + " closes");
  bool is_closed = false;
  close([&is_closed] { is_closed = true; });
  loop.run_until([&] { return is_closed || stops.count() > 1; }, kForever);
  constexpr int kSignalBase = 128;
  return is_closed ? 0 : kSignalBase + stops.signal();
}

}  // namespace xtrace::examples
