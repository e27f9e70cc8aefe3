#include "stage/stage.h"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <sys/mman.h>

#include "stage/daemon_log.h"
#include "stage/waterfall.h"

namespace xtrace::examples {

Expected<std::unique_ptr<Stage>> Stage::set(Loop& loop, Options options) {
  auto server = ScriptedServer::start(five_replies());
  if (const auto* error = server.if_error()) return *error;
  std::unique_ptr<Stage> stage(new Stage(loop, std::move(options), std::move(server).value()));
  const auto trusting = stage->trust_server();
  if (const auto* error = trusting.if_error()) return *error;
  const auto reaching = stage->reach_daemon();
  if (const auto* error = reaching.if_error()) return *error;
  return stage;
}

Stage::Stage(Loop& loop, Options options, std::unique_ptr<ScriptedServer> server)
    : loop_(loop), options_(std::move(options)), server_(std::move(server)) {}

Stage::~Stage() = default;

Expected<void> Stage::trust_server() {
  const std::string& pem = server_->certificate();
  certificate_ = Descriptor(memfd_create("certificate", MFD_CLOEXEC));
  if (write(certificate_.get(), pem.data(), pem.size()) != static_cast<ssize_t>(pem.size())) {
    return Error{Error::Code::system, Phase::none,
                 "write the server's certificate: " + std::generic_category().message(errno)};
  }
  ClientConfig config;
  config.tls.ca_file = "/proc/self/fd/" + std::to_string(certificate_.get());
  auto finalized = finalize_config(std::move(config));
  if (const auto* error = finalized.if_error()) return *error;
  client_config_.emplace(std::move(finalized).value());
  auto url = Url::parse(server_->url());
  if (const auto* error = url.if_error()) return *error;
  url_.emplace(std::move(url).value());
  return {};
}

Expected<void> Stage::reach_daemon() {
  const auto daemon = find_daemon();
  if (const auto* error = daemon.if_error()) return *error;
  emitter_ = make_udp_emitter(daemon->udp);
  TracerConfig config;
  config.sampler = fetch_sampling_rules(loop_, daemon->tcp);
  config.emitter = emitter_;
  const auto finalized = finalize_config(std::move(config));
  if (const auto* error = finalized.if_error()) return *error;
  tracer_.emplace(*finalized);
  return {};
}

Expected<void> Stage::introduce(Client& client) {
  auto url = Url::parse(server_->url("/hello"));
  if (const auto* error = url.if_error()) return *error;
  std::optional<Exchange> exchange;
  const Call call = client.start(Request(std::move(url).value()), {},
                                 [&exchange](Exchange done) { exchange = std::move(done); });
  constexpr Duration kPatience = std::chrono::seconds(30);
  if (!loop_.run_until([&exchange] { return exchange.has_value(); }, kPatience)) {
    return Error{Error::Code::call_timeout, Phase::none, "the server does not say hello"};
  }
  if (exchange->error) return *exchange->error;
  return {};
}

Segment Stage::begin_segment() {
  return tracer_->begin_segment("example/" + options_.name);
}

int Stage::conclude(Segment segment, const Execution& execution,
                    std::span<const PromisedAttempt> promised) {
  const Response* response = execution.response();
  std::printf("Status: %d\nBody:   %s\n", execution.status(),
              response == nullptr ? "" : response->body.c_str());
  if (const Error* error = execution.error()) std::printf("Error:  %s\n", error->message.c_str());
  std::fflush(stdout);

  Sent sent{.trace_id = segment.trace_id(),
            .is_sampled = static_cast<bool>(segment),
            .subsegments = segment.subsegment_count()};
  log_info("Emitter using address: " + emitter_->peer());
  segment.end();
  constexpr Duration kPatience = std::chrono::milliseconds(100);
  if (sent.is_sampled) sent.delivery = emitter_->confirm(kPatience);
  sent.to = emitter_->peer();
  sent.stats = emitter_->stats();
  std::printf("\n%s", draw_waterfall(execution, sent).c_str());

  const std::vector<ReceivedRequest> received = server_->received();
  for (const ReceivedRequest& request : received) {
    if (!options_.is_verbose) break;
    std::printf("received on connection %d: %s  X-Amzn-Trace-Id: %s\n", request.connection,
                request.request_line.c_str(), request.trace_header.c_str());
  }
  std::fflush(stdout);
  const auto broken = find_broken_promises(promised, execution, received, sent.trace_id);
  for (const std::string& sentence : broken) {
    std::fprintf(stderr, "%s: %s\n", options_.name.c_str(), sentence.c_str());
  }
  return broken.empty() ? 0 : 1;
}

}  // namespace xtrace::examples
