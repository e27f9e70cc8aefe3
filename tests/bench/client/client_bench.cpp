// The client library's part in tools/bench:
//
//   client_bench bare COUNT URL         so many requests on each order, 32 at a time
//   client_bench traced COUNT URL PORT  the same with every hook, and a segment sent to PORT each
//   client_bench kept COUNT URL         bare, the bodies kept in memory
//   client_bench plan COUNT URL [PORT]  the same through plans, every metric sent to PORT
//   client_bench tail COUNT URL [race]  prints p50, p99 and the slowest in us, and attempts made
//   client_bench storm COUNT URL        prints failures at once, attempts, CPU ns for each
//   client_bench hold COUNT URL [CA]    prints connections, heap and resident bytes of each

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "held_connections.h"
#include "load_side.h"
#include "plan_side.h"

namespace {

using namespace xtrace::bench;

int fail() {
  std::fputs("client_bench: see the head of client_bench.cpp for the arguments.\n", stderr);
  return 2;
}

void hold(const std::string& url, std::size_t count, const std::string& ca_file) {
  const Held held = hold_connections(url, count, ca_file);
  std::printf("%zu %.0f %.0f\n", held.connections, held.heap_each, held.resident_each);
}

}  // namespace

int main(int argument_count, char** arguments) {
  const auto word = [argument_count, arguments](int at) {
    return at < argument_count ? std::string(arguments[at]) : std::string();
  };
  const std::string mode = word(1), url = word(3), last = word(4);
  const std::size_t count = std::strtoul(word(2).c_str(), nullptr, 10);
  if (url.empty() || count == 0) return fail();
  if (mode == "hold") return hold(url, count, last), 0;
  const auto port = static_cast<std::uint16_t>(std::strtoul(last.c_str(), nullptr, 10));
  PlanSide plans{.url = url, .requests = count};
  if (mode == "plan") plans.metrics_port = port;
  if (mode == "tail") plans.races = last == "race";
  if (mode == "plan") return send_plans(plans), 0;
  if (mode == "tail") return measure_tail(plans), 0;
  if (mode == "storm") return storm(plans), 0;
  LoadSide settings{.url = url, .requests = count};
  if (mode == "traced") settings.trace_port = port;
  settings.keeps_bodies = mode == "kept";
  if (settings.trace_port == 0 && mode != "bare" && mode != "kept") return fail();
  send_requests(settings);
}
