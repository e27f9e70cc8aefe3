// The archiver: `archiver [-l ADDRESS] [-d DAEMON]`.

#include <array>

#include "microservices/archiver.h"
#include "microservices/flags.h"
#include "microservices/serve.h"

namespace {

using namespace xtrace::examples;

constexpr std::array<FlagSpec, 3> kFlags = {{
    {"l,listen", "HOST:PORT", "127.0.0.1:8080", "where to listen"},
    {"d,daemon", "HOST:PORT", "",
     "the X-Ray daemon (default: AWS_XRAY_DAEMON_ADDRESS, or 127.0.0.1:2000)"},
    {"payload-limit", "BYTES", "16777216", "the largest payload that is taken"},
}};
constexpr ProgramSyntax kSyntax = {
    .name = "archiver", .summary = "Keeps documents in memory.", .flags = kFlags};

xtrace::Expected<int> run(const Flags& flags) {
  const auto address = flags.listen("listen");
  if (const auto* error = address.if_error()) return *error;
  const auto daemon = flags.daemon("daemon");
  if (const auto* error = daemon.if_error()) return *error;
  const auto limit = flags.bytes("payload-limit");
  if (const auto* error = limit.if_error()) return *error;

  xtrace::Loop loop;
  const StopRequests stops(loop);
  ArchiverConfig config;
  config.service.listen = *address;
  config.service.daemon = *daemon;
  config.payload_limit = *limit;
  auto archiver = Archiver::start(loop, config);
  if (const auto* error = archiver.if_error()) return *error;
  Archiver& service = **archiver;
  const auto close = [&service](xtrace::Callback<void()> on_closed) {
    service.close(std::move(on_closed));
  };
  return serve(loop, stops, kSyntax.name, service.address(), close);
}

}  // namespace

int main(int count, char** words) {
  return run_program(kSyntax, count, words, run);
}
