#include "microservices/command.h"

#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <xtrace/sampler.h>
#include <xtrace/traced_client.h>
#include <xtrace/tracer.h>
#include <xtrace/udp_emitter.h>

#include "cli/exit_code.h"
#include "microservices/fetcher.h"
#include "microservices/flags.h"
#include "microservices/messages.h"
#include "microservices/stop_requests.h"

namespace xtrace::examples {

namespace {

Error invalid(std::string sentence) {
  return {Error::Code::invalid_config, Phase::none, std::move(sentence)};
}

std::array<FlagSpec, 7> flags_of(const CommandSyntax& syntax) {
  return {{
      {"s,scheme", "SCHEME", "http", "http or https"},
      {"H,host", "HOST:PORT", syntax.host, "the service"},
      {"t,timeout", "TIME", "20s", "how long the whole may take"},
      {"d,daemon", "HOST:PORT", "",
       "the X-Ray daemon (default: AWS_XRAY_DAEMON_ADDRESS, or 127.0.0.1:2000)"},
      {"payload", "JSON", "", "the body of the request"},
      {"dump", "", "", "show the heads of request and answer on stderr"},
      {"pp", "", "", "indent the answer's JSON"},
  }};
}

std::string list_deeds(const CommandSyntax& syntax) {
  std::string list;
  for (const CommandDeed& deed : syntax.deeds) {
    if (!list.empty()) list += ", ";
    list.append("'").append(deed.action).append(" ").append(deed.resource).append("'");
  }
  return list;
}

Expected<CommandDeed> find_deed(const CommandSyntax& syntax, const Flags& flags) {
  const auto& words = flags.operands();
  if (words.size() < 2 || words.size() > 3) {
    return invalid("ACTION RESOURCE [PATH] is wanted; there are " + list_deeds(syntax));
  }
  for (const CommandDeed& deed : syntax.deeds) {
    if (words[0] == deed.action && words[1] == deed.resource) return deed;
  }
  return invalid("there is no '" + words[0] + " " + words[1] + "', only " + list_deeds(syntax));
}

/// What follows `/fetch/` is a URL with a query of its own, so it is taken as it stands.
Expected<Request> make_request(const CommandDeed& deed, const Flags& flags) {
  const std::string_view fallback = deed.path;
  const std::string path =
      flags.operands().size() > 2 ? flags.operands()[2] : std::string(fallback);
  if (!path.starts_with(fallback) || (path == fallback && fallback.ends_with('/'))) {
    return invalid("the path of '" + std::string(deed.action) + " " + deed.resource + "' is " +
                   std::string(fallback) + (fallback.ends_with('/') ? "..." : ""));
  }
  const auto peer = parse_peer(flags.text("host"));
  if (const auto* error = peer.if_error()) return error->with_prefix("--host");
  const auto url = Url::parse(flags.text("scheme") + "://" + flags.text("host") + path);
  if (const auto* error = url.if_error()) return *error;
  Request request(*url);
  request.method = deed.method;
  if (deed.has_payload != flags.has("payload")) {
    return invalid(deed.has_payload ? "--payload is needed" : "--payload is not for this action");
  }
  if (deed.has_payload) {
    request.body = flags.text("payload");
    request.headers.set("Content-Type", "application/json");
  }
  return request;
}

Expected<FinalizedClientConfig> settings_of(const CommandSyntax& syntax, const Flags& flags) {
  const auto timeout = flags.duration("timeout");
  if (const auto* error = timeout.if_error()) return *error;
  ClientConfig settings;
  settings.name = syntax.name;
  settings.user_agent = std::string("xtrace-") + syntax.name;
  settings.timeouts.total = *timeout;
  return finalize_config(std::move(settings));
}

CallOptions options_of(const Request& request, const Flags& flags) {
  CallOptions options;
  if (!flags.has("dump")) return options;
  std::fprintf(stderr, "> %s %s HTTP/1.1\n", request.method.c_str(), request.url.target().c_str());
  options.trace.wrote_header_field = [](std::string_view name, std::string_view value) {
    std::fprintf(stderr, "> %.*s: %.*s\n", static_cast<int>(name.size()), name.data(),
                 static_cast<int>(value.size()), value.data());
  };
  return options;
}

void dump(const Response& response) {
  std::fprintf(stderr, "< HTTP/1.%d %d %s\n", response.version_minor, response.status,
               response.reason.c_str());
  for (const Header& field : response.headers) {
    std::fprintf(stderr, "< %s: %s\n", field.name.c_str(), field.value.c_str());
  }
}

void print_body(const std::string& body, bool is_indented) {
  std::string text = is_indented ? indent_json(body) : std::string();
  if (text.empty()) text = body;
  if (!text.empty() && text.back() != '\n') text += '\n';
  std::fwrite(text.data(), 1, text.size(), stdout);
}

/// Prints what came of it and returns the exit code.
Expected<int> conclude(const CommandSyntax& syntax, const Flags& flags, const Exchange& exchange) {
  if (exchange.error) return *exchange.error;
  const Response& response = *exchange.response;
  if (flags.has("dump")) dump(response);
  print_body(response.body, flags.has("pp"));
  if (std::fflush(stdout) != 0) return cli::to_int(cli::ExitCode::not_written);
  if (response.status < 400) return 0;
  const std::string detail = parse_detail(response.body);
  std::fprintf(stderr, "%s: the answer is %d %s%s%s\n", syntax.name, response.status,
               response.reason.c_str(), detail.empty() ? "" : ": ", detail.c_str());
  return cli::to_int(cli::ExitCode::unwanted_status);
}

void mark(const SegmentContext& segment, const Exchange& exchange) {
  if (exchange.error) return segment.set_flags({.fault = true});
  segment.set_flags(flags_of_status(exchange.response->status));
}

void tell_trace(const CommandSyntax& syntax, const TraceId& trace, UdpEmitter& emitter) {
  constexpr Duration kLookupPatience = std::chrono::seconds(1);
  constexpr Duration kPatience = std::chrono::milliseconds(100);
  emitter.drain(kLookupPatience);
  const Delivery delivery = emitter.confirm(kPatience);
  std::string outcome = "sent to " + emitter.peer();
  if (delivery == Delivery::refused) outcome += ", where nobody is listening";
  if (delivery == Delivery::unsent) {
    const auto failure = emitter.last_error();
    outcome = "not sent: " + (failure ? failure->message : emitter.peer() + " was not found yet");
  }
  std::fprintf(stderr, "%s: trace %s, %s\n", syntax.name, trace.to_string().c_str(),
               outcome.c_str());
}

struct Asked {
  Request request;
  FinalizedClientConfig settings;
  DaemonEndpoint daemon{};
};

Expected<Asked> read_flags(const CommandSyntax& syntax, const Flags& flags) {
  const auto deed = find_deed(syntax, flags);
  if (const auto* error = deed.if_error()) return *error;
  const auto request = make_request(*deed, flags);
  if (const auto* error = request.if_error()) return *error;
  const auto settings = settings_of(syntax, flags);
  if (const auto* error = settings.if_error()) return *error;
  const auto daemon = flags.daemon("daemon");
  if (const auto* error = daemon.if_error()) return *error;
  return Asked{*request, *settings, *daemon};
}

Expected<FinalizedTracerConfig> make_tracing(const std::shared_ptr<UdpEmitter>& emitter) {
  TracerConfig config;
  config.sampler = std::make_shared<RateSampler>(1);
  config.emitter = emitter;
  return finalize_config(std::move(config));
}

Expected<int> run(const CommandSyntax& syntax, const Flags& flags) {
  const auto asked = read_flags(syntax, flags);
  if (const auto* error = asked.if_error()) return *error;
  Loop loop;
  const StopRequests stops(loop);
  const std::shared_ptr<UdpEmitter> emitter = make_udp_emitter(asked->daemon);
  const auto tracing = make_tracing(emitter);
  if (const auto* error = tracing.if_error()) return *error;
  Tracer tracer(*tracing);
  Client client(loop, asked->settings);
  TracedClient traced(client);

  Segment segment = tracer.begin_segment("client");
  const TraceId trace = segment.trace_id();
  std::optional<Exchange> exchange;
  TracedCall call =
      traced.start(segment.context(), asked->request, options_of(asked->request, flags),
                   [&exchange](Exchange done) { exchange = std::move(done); });
  loop.run_until([&] { return exchange.has_value() || stops.count() > 0; }, kForever);
  const bool is_interrupted = !exchange.has_value();
  if (is_interrupted) exchange = call.abort();  // what was reached is recorded all the same
  mark(segment.context(), *exchange);
  segment.end();
  constexpr int kSignalBase = 128;
  auto code = is_interrupted ? Expected<int>(kSignalBase + stops.signal())
                             : conclude(syntax, flags, *exchange);
  if (!tracer.is_disabled()) tell_trace(syntax, trace, *emitter);
  return code;
}

}  // namespace

int run_command(const CommandSyntax& syntax, int count, char** words) {
  const auto flags = flags_of(syntax);
  const ProgramSyntax program = {.name = syntax.name,
                                 .summary = syntax.summary,
                                 .operands = "ACTION RESOURCE [PATH]",
                                 .flags = flags};
  return run_program(program, count, words,
                     [&syntax](const Flags& given) { return run(syntax, given); });
}

}  // namespace xtrace::examples
