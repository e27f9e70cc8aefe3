#pragma once

/// Where the time of a call went, as HAR 1.2 divides it, from the phases that were recorded below
/// it.

#include <cstdint>
#include <string>

#include "collect/child_list.h"
#include "collect/trace_tree.h"

namespace xtrace::collect {

/// In milliseconds; -1 where that is not known or did not happen. `blocked`, `dns`, `connect`,
/// `send`, `wait` and `receive` add up to `total`, those that are -1 left out; `ssl` is part of
/// `connect`.
struct HarTimings {
  double blocked = -1;
  double dns = -1;
  double connect = -1;
  double ssl = -1;
  double send = 0;
  double wait = 0;
  double receive = 0;
  double total = 0;
};

/// The phases of xtrace's client, and of the AWS SDK for Go: `connect` with `dns`, `dial` and
/// `tls` in it, `request`, `response`, `body`. Where there are none, all of it is `wait`.
HarTimings har_timings(const TraceTree& tree, ChildList& children, std::uint32_t call);

/// The address of the server, without its port, and the number of the connection; empty where they
/// were not recorded.
struct HarServer {
  std::string address{};
  std::string connection{};
};
HarServer har_server(const TraceTree& tree, ChildList& children, std::uint32_t call);

}  // namespace xtrace::collect
