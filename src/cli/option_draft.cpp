#include "cli/option_draft.h"

#include <array>
#include <utility>

#include "cli/choice.h"
#include "cli/common_flags.h"
#include "cli/metadata.h"

namespace xtrace::cli {

namespace {

Error bad(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

/// Move a parsed value to its place, or hand its error on.
template <class Value, class Place>
Expected<void> assign(Place& place, Expected<Value> parsed) {
  if (const auto* error = parsed.if_error()) return *error;
  place = std::move(parsed).value();
  return {};
}

template <class Value>
Expected<void> append(std::vector<Value>& list, Expected<Value> parsed) {
  if (const auto* error = parsed.if_error()) return *error;
  list.push_back(std::move(parsed).value());
  return {};
}

constexpr std::array<Word<Format>, 5> kFormats = {{{"pretty", Format::pretty},
                                                   {"classic", Format::classic},
                                                   {"compact", Format::compact},
                                                   {"json", Format::json},
                                                   {"xray", Format::xray}}};
constexpr std::array<Word<Style::Unit>, 4> kUnits = {{{"auto", Style::Unit::automatic},
                                                      {"us", Style::Unit::microseconds},
                                                      {"ms", Style::Unit::milliseconds},
                                                      {"s", Style::Unit::seconds}}};
constexpr std::array<Word<ColorChoice>, 3> kColors = {{{"auto", ColorChoice::automatic},
                                                       {"always", ColorChoice::always},
                                                       {"never", ColorChoice::never}}};
constexpr std::array<Word<Sampled>, 3> kSampled = {
    {{"0", Sampled::no}, {"1", Sampled::yes}, {"?", Sampled::requested}}};
constexpr std::array<Word<Sampled>, 2> kSampledOrNot = {{{"0", Sampled::no}, {"1", Sampled::yes}}};

Expected<void> apply_request(OptionDraft& draft, OptionId id, const std::string& value) {
  GetOptions& options = draft.options;
  using Kind = BodyPart::Kind;
  switch (id) {
    case OptionId::request:
      if (value.empty()) return bad("the method is empty");
      draft.method = value;
      break;
    case OptionId::header:
      options.headers.push_back(value);
      break;
    case OptionId::data:
      options.body.push_back({Kind::form, value});
      break;
    case OptionId::data_raw:
      options.body.push_back({Kind::raw, value});
      break;
    case OptionId::data_binary:
      options.body.push_back({Kind::binary, value});
      break;
    case OptionId::json:
      options.body.push_back({Kind::json, value});
      break;
    case OptionId::head:
      draft.has_head = true;
      break;
    case OptionId::user:
      options.user = value;
      break;
    default:
      options.user_agent = value;
      break;
  }
  return {};
}

Expected<void> apply_route(OptionDraft& draft, OptionId id, const std::string& value) {
  ClientConfig& client = draft.options.client;
  switch (id) {
    case OptionId::ipv4:
      draft.has_ipv4 = true;
      client.family = AddressFamily::ipv4_only;
      return {};
    case OptionId::ipv6:
      draft.has_ipv6 = true;
      client.family = AddressFamily::ipv6_only;
      return {};
    case OptionId::resolve:
      return append(client.resolve, parse_resolve(value));
    case OptionId::connect_to:
      return append(client.connect_to, parse_connect_to(value));
    default: {
      if (auto path = Address::from_path(value); !path) return std::move(path).error();
      client.unix_socket = value;
      return {};
    }
  }
}

Expected<void> apply_tls(OptionDraft& draft, OptionId id, const std::string& value) {
  ClientConfig& client = draft.options.client;
  if (id == OptionId::insecure) {
    client.tls.accept_any_certificate = true;
    return {};
  }
  if (value.empty()) return bad("the value is empty");
  switch (id) {
    case OptionId::cacert:
      client.tls.ca_file = value;
      break;
    case OptionId::cert:
      client.tls.certificate_file = value;
      break;
    case OptionId::key:
      client.tls.key_file = value;
      break;
    default:
      client.sni = value;
      break;
  }
  return {};
}

Expected<void> apply_limit(OptionDraft& draft, OptionId id, const std::string& value) {
  Timeouts& timeouts = draft.options.client.timeouts;
  switch (id) {
    case OptionId::max_time:
      return assign(timeouts.total, parse_duration(value));
    case OptionId::connect_timeout:
      return assign(timeouts.connect, parse_duration(value));
    case OptionId::dns_timeout:
      return assign(timeouts.dns, parse_duration(value));
    case OptionId::tls_timeout:
      return assign(timeouts.tls, parse_duration(value));
    case OptionId::response_timeout:
      return assign(timeouts.response, parse_duration(value));
    default:
      return assign(timeouts.idle, parse_duration(value));
  }
}

Expected<void> apply_output(OptionDraft& draft, OptionId id, const std::string& value) {
  OutputOptions& output = draft.options.output;
  switch (id) {
    case OptionId::format:
      return assign(output.format, choose(kFormats, value, " in this version"));
    case OptionId::unit:
      return assign(output.unit, choose(kUnits, value));
    case OptionId::color:
      return assign(output.color, choose(kColors, value));
    case OptionId::output:
      if (value.empty()) return bad("the name of the file is empty");
      output.body_file = value;
      return {};
    case OptionId::include:
      output.shows_headers = true;
      return {};
    case OptionId::verbose:
      output.is_verbose = true;
      return {};
    default:
      output.is_silent = true;
      return {};
  }
}

Expected<void> check_trace_header(const TraceHeader& header) {
  if (!header.root_text.empty()) {
    return bad("its Root is not a trace id such as 1-58406520-a006649127e371903a2de979");
  }
  if (header.root || header.sampled != Sampled::unknown) return {};
  return bad("it has neither a Root nor a Sampled, as in Root=1-58406520-a006649127e371903a2de979");
}

Expected<void> apply_trace(TraceOptions& trace, OptionId id, const std::string& value) {
  switch (id) {
    case OptionId::emit:
      return assign(trace.emit, parse_emit_target(value));
    case OptionId::name:
      if (value.empty()) return bad("the name is empty");
      trace.name = value;
      return {};
    case OptionId::annotate:
      return append(trace.annotations, parse_annotation(value));
    case OptionId::metadata:
      return assign(trace.metadata, parse_metadata(value));
    case OptionId::trace_header:
      trace.header = value;
      return check_trace_header(parse_trace_header(value));
    case OptionId::sampled:
      return assign(trace.sampled, choose(kSampled, value));
    case OptionId::require_emit:
      trace.requires_emit = true;
      return {};
    default:
      trace.redacts = false;
      return {};
  }
}

Expected<void> apply_judge(OptionDraft& draft, OptionId id, const std::string& value) {
  if (id == OptionId::expect_status) {
    return assign(draft.options.expected_statuses, parse_status_set(value));
  }
  draft.options.fails_on_status = true;
  return {};
}

}  // namespace

Expected<void> apply_option(OptionDraft& draft, OptionId id, const std::string& value) {
  // The ids of one heading are neighbours; each comparison names the last one of a heading.
  if (id <= OptionId::user_agent) return apply_request(draft, id, value);
  if (id <= OptionId::unix_socket) return apply_route(draft, id, value);
  if (id <= OptionId::sni) return apply_tls(draft, id, value);
  if (id <= OptionId::idle_timeout) return apply_limit(draft, id, value);
  if (id <= OptionId::color) return apply_output(draft, id, value);
  if (id <= OptionId::expect_status) return apply_judge(draft, id, value);
  return apply_trace(draft.options.trace, id, value);
}

Expected<TraceOptions> read_trace_options(const ParsedFlags& flags) {
  TraceOptions trace;
  for (const Setting& setting : flags.settings()) {
    const auto id = option_id(*setting.row);
    if (!id || *id <= OptionId::expect_status) continue;
    const bool asks_nobody = setting.row->argument == kSampledOrNotFlag.argument;
    auto applied = asks_nobody ? assign(trace.sampled, choose(kSampledOrNot, setting.value))
                               : apply_trace(trace, *id, setting.value);
    if (const auto* error = applied.if_error()) return flags.refuse(setting, error->message);
  }
  if (trace.requires_emit && trace.emit.kind == EmitTarget::Kind::none) {
    return flags.refuse("takes --emit none or --require-emit, not both");
  }
  return trace;
}

}  // namespace xtrace::cli
