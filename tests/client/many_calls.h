#pragma once

/// `ManyCalls` is a `ClientFixture` with several calls at once, and the sums that a pool's numbers
/// must always come to.

#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "client_fixture.h"

namespace xtrace::testing {

inline constexpr auto kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Every connection that was opened is idle, lent or closed for a reason; the addresses make up the
/// total.
inline void check_sums(const PoolStats& stats) {
  PoolCounts sum;
  for (const AddressStats& address : stats.addresses) {
    const PoolCounts& counts = address.counts;
    const auto closed =
        std::accumulate(counts.closed.begin(), counts.closed.end(), std::uint64_t{0});
    CHECK(counts.opened == counts.idle + counts.active + closed);
    sum += counts;
  }
  CHECK(sum.opened <= stats.total.opened);
  CHECK(sum.total() == stats.total.total());
  CHECK(sum.waiting == stats.total.waiting);
}

struct ManyCalls : ClientFixture {
  std::map<int, std::unique_ptr<CallState>> calls;
  std::map<int, Exchange> ends;
  std::vector<int> order;  ///< In which they ended.

  void launch(int id, Request what, CallOptions with = {}) {
    launch(id, std::move(what), std::move(with), [this, id](Exchange exchange) {
      ends.emplace(id, std::move(exchange));
      order.push_back(id);
    });
  }
  void launch(int id, Request what, CallOptions with, Callback<void(Exchange)> on_done) {
    calls[id] =
        std::make_unique<CallState>(client(), std::move(what), std::move(with), std::move(on_done));
    client().begin_later(*calls[id]);
  }

  void wait_for(std::size_t count) {
    loop.run_until([this, count] { return ends.size() >= count; });
  }
  /// Until `claim` holds of the pool's numbers.
  template <class Claim>
  void run_until_pool(Claim claim) {
    loop.run_until([this, claim] { return claim(counts()); });
  }

  PoolCounts counts() { return client().book.stats().total; }
  void check_sums() { testing::check_sums(client().book.stats()); }

  static Request request_to(const ScriptedServer& host, std::string_view path = "/") {
    return Request(Url::parse(host.url(path)).value());
  }
  /// Every connection from now on answers each request at once.
  static void answer_always(ScriptedServer& host, int times = 8) {
    Script& script = host.on_connection();
    for (int i = 0; i < times; ++i) script.expect_head().send(kOk);
  }
  void answer_always(int times = 8) { answer_always(server, times); }
};

}  // namespace xtrace::testing
