#pragma once

/// `FakeResolver` answers from a table, after the waits the test sets. A host that is not in the
/// table is not found.

#include <map>
#include <set>
#include <string>
#include <vector>

#include <xtrace/loop.h>

#include "net/resolver.h"

namespace xtrace::testing {

class FakeResolver final : public Resolver {
 public:
  explicit FakeResolver(Loop& on) : loop(on) {}

  std::unique_ptr<Lookup> resolve(const ResolveRequest& request,
                                  Callback<void(Expected<Resolved>)> on_done) override;
  std::string_view name() const override { return "fake"; }

  Loop& loop;
  std::map<std::string, Expected<Resolved>, std::less<>> answers;  ///< Ports become the request's.
  std::set<std::string, std::less<>> silent;  ///< Hosts whose lookup starts and never ends.
  Duration queue_time{};                      ///< From submitted to started; a loop timer.
  Duration lookup_time{};                     ///< From started to finished; a loop timer.
  std::vector<ResolveRequest> asked;          ///< Every request, in order.
  int in_flight = 0;                          ///< Lookups alive.
};

}  // namespace xtrace::testing
