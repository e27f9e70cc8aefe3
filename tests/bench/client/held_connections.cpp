#include "held_connections.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <xtrace/client.h>

#include "client_parts.h"
#include "measure.h"

namespace xtrace::bench {

namespace {

using std::chrono::seconds;

constexpr std::size_t kAtOnce = 64;  // fewer than a listener's backlog holds
constexpr std::size_t kOther = 64;   // descriptors that are no connections

/// How many connections this process may have, up to `wanted`.
std::size_t make_room(std::size_t wanted) {
  rlimit limit{};
  require(::getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
  const rlim_t needed = wanted + kOther;
  if (limit.rlim_cur >= needed) return wanted;
  const rlimit raised{.rlim_cur = needed, .rlim_max = std::max(limit.rlim_max, needed)};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return wanted;
  const rlimit most{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
  require(::setrlimit(RLIMIT_NOFILE, &most) == 0, "setrlimit");
  return std::min<std::size_t>(wanted, limit.rlim_max - kOther);
}

struct Memory {
  double heap = 0;
  double resident = 0;
};

/// After malloc gave back what it had kept of the memory of requests that are over.
Memory look_at_memory() {
  ::malloc_trim(0);
  const struct mallinfo2 heap = ::mallinfo2();
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  require(file != nullptr, "open /proc/self/statm");
  unsigned long pages = 0;
  require(std::fscanf(file, "%*u %lu", &pages) == 1, "read /proc/self/statm");
  std::fclose(file);
  return {.heap = static_cast<double>(heap.uordblks + heap.hblkhd),
          .resident = static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE))};
}

/// Requests that stop in the middle of their bodies, so that none frees a connection for another.
class Holder {
 public:
  Holder(const std::string& url, std::size_t count, const std::string& ca_file)
      : request_(parse(url)), client_(loop_, make_config(count, ca_file)) {}

  void open(std::size_t count) {
    std::vector<Call> calls(count);
    std::size_t paused = 0;
    ended_ = 0;
    for (std::size_t begun = 0; begun < count;) {
      const std::size_t wave = std::min(count, begun + kAtOnce);
      for (; begun < wave; ++begun) calls[begun] = start(paused);
      wait_for([&paused, wave] { return paused == wave; });
    }
    for (Call& call : calls) call.resume();
    wait_for([this, count] { return ended_ == count; });
    require(client_.pool_stats().total.idle == count, "keep every connection");
  }

 private:
  Call start(std::size_t& paused) {
    CallOptions options;
    options.on_body = [&paused, is_new = true](std::span<const std::byte>) mutable {
      if (is_new) ++paused;
      return Expected<Flow>(std::exchange(is_new, false) ? Flow::pause : Flow::proceed);
    };
    return client_.start(request_, std::move(options), [this](const Exchange& exchange) {
      require(!exchange.error, "GET");
      ++ended_;
    });
  }

  void wait_for(Callback<bool()> done) {
    require(loop_.run_until(std::move(done), seconds(60)), "all answers within a minute");
  }

  Request request_;
  Loop loop_;
  Client client_;
  std::size_t ended_ = 0;
};

}  // namespace

Held hold_connections(const std::string& url, std::size_t count, const std::string& ca_file) {
  count = make_room(count);
  Holder holder(url, count, ca_file);
  holder.open(1);
  const Memory before = look_at_memory();
  holder.open(count);
  const Memory after = look_at_memory();
  const auto others = static_cast<double>(count - 1);
  return {.connections = count,
          .heap_each = (after.heap - before.heap) / others,
          .resident_each = (after.resident - before.resident) / others};
}

}  // namespace xtrace::bench
