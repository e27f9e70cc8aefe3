// The fetcher: `fetcher [-l ADDRESS] [-d DAEMON] [-a ARCHIVER]`.

#include <array>
#include <optional>
#include <string>

#include "cli/units.h"
#include "microservices/fetcher.h"
#include "microservices/flags.h"
#include "microservices/health_wait.h"
#include "microservices/serve.h"
#include "stage/daemon_log.h"

namespace {

using namespace xtrace::examples;

constexpr std::array<FlagSpec, 6> kFlags = {{
    {"l,listen", "HOST:PORT", "127.0.0.1:8081", "where to listen"},
    {"d,daemon", "HOST:PORT", "",
     "the X-Ray daemon (default: AWS_XRAY_DAEMON_ADDRESS, or 127.0.0.1:2000)"},
    {"a,archiver", "HOST:PORT", "127.0.0.1:8080", "where the archiver listens"},
    {"grace", "TIME", "1m", "how long to wait for the archiver at the start"},
    {"target-timeout", "TIME", "15s", "how long a target may take"},
    {"target-limit", "BYTES", "1048576", "the largest body of a target that is taken"},
}};
constexpr ProgramSyntax kSyntax = {
    .name = "fetcher", .summary = "Fetches URLs and has them archived.", .flags = kFlags};

xtrace::Expected<FetcherConfig> read_config(const Flags& flags) {
  FetcherConfig config;
  const auto address = flags.listen("listen");
  if (const auto* error = address.if_error()) return *error;
  const auto daemon = flags.daemon("daemon");
  if (const auto* error = daemon.if_error()) return *error;
  const auto timeout = flags.duration("target-timeout");
  if (const auto* error = timeout.if_error()) return *error;
  const auto limit = flags.bytes("target-limit");
  if (const auto* error = limit.if_error()) return *error;
  config.service.listen = *address;
  config.service.daemon = *daemon;
  config.archiver = flags.text("archiver");
  config.target_timeout = *timeout;
  config.target_limit = *limit;
  return config;
}

/// True once the archiver is there, false where the process was asked to end first.
xtrace::Expected<bool> wait_for_archiver(xtrace::Loop& loop, const StopRequests& stops,
                                         const Flags& flags) {
  const auto grace = flags.duration("grace");
  if (const auto* error = grace.if_error()) return *error;
  const auto peer = parse_peer(flags.text("archiver"));
  if (const auto* error = peer.if_error()) return error->with_prefix("--archiver");
  auto health = peer->resolve("/health");
  if (const auto* error = health.if_error()) return *error;
  const auto settings = settings_of_health_checks();
  if (const auto* error = settings.if_error()) return *error;
  log_info("fetcher waits for the archiver at " + flags.text("archiver") + ", for " +
           xtrace::cli::format_brief(*grace) + " at most");
  std::optional<xtrace::Expected<void>> end;
  const HealthWait wait(loop, *settings, *health, *grace,
                        [&end](xtrace::Expected<void> done) { end = std::move(done); });
  loop.run_until([&] { return end.has_value() || stops.count() > 0; }, kForever);
  if (end && !*end) return end->error().with_prefix("the archiver is not there");
  return end.has_value();
}

xtrace::Expected<int> run(const Flags& flags) {
  const auto config = read_config(flags);
  if (const auto* error = config.if_error()) return *error;
  xtrace::Loop loop;
  const StopRequests stops(loop);
  const auto is_there = wait_for_archiver(loop, stops, flags);
  if (const auto* error = is_there.if_error()) return *error;
  if (!*is_there) return 0;
  auto fetcher = Fetcher::start(loop, *config);
  if (const auto* error = fetcher.if_error()) return *error;
  Fetcher& service = **fetcher;
  const auto close = [&service](xtrace::Callback<void()> on_closed) {
    service.close(std::move(on_closed));
  };
  return serve(loop, stops, kSyntax.name, service.address(), close);
}

}  // namespace

int main(int count, char** words) {
  return run_program(kSyntax, count, words, run);
}
