#include "cli/option_draft.h"

#include <array>
#include <utility>

#include "cli/choice.h"
#include "cli/common_flags.h"
#include "cli/metadata.h"
#include "cli/option_steps.h"
#include "cli/option_values.h"

namespace xtrace::cli {

namespace {

constexpr std::array<Word<Format>, 10> kFormats = {{{"pretty", Format::pretty},
                                                    {"classic", Format::classic},
                                                    {"compact", Format::compact},
                                                    {"json", Format::json},
                                                    {"jsonl", Format::jsonl},
                                                    {"csv", Format::csv},
                                                    {"har", Format::har},
                                                    {"perfetto", Format::perfetto},
                                                    {"otlp", Format::otlp},
                                                    {"xray", Format::xray}}};
constexpr std::array<Word<Style::Unit>, 4> kUnits = {{{"auto", Style::Unit::automatic},
                                                      {"us", Style::Unit::microseconds},
                                                      {"ms", Style::Unit::milliseconds},
                                                      {"s", Style::Unit::seconds}}};
constexpr std::array<Word<Sampled>, 3> kSampled = {
    {{"0", Sampled::no}, {"1", Sampled::yes}, {"?", Sampled::requested}}};
constexpr std::array<Word<Sampled>, 2> kSampledOrNot = {{{"0", Sampled::no}, {"1", Sampled::yes}}};

Expected<void> apply_output(OptionDraft& draft, OptionId id, const std::string& value) {
  OutputOptions& output = draft.options.output;
  switch (id) {
    case OptionId::format:
      if (value == "prom") return assign(draft.options.metrics, parse_metrics_target(value));
      output.has_format = true;
      return assign(output.format, choose(kFormats, value, "; or prom, which is --metrics prom"));
    case OptionId::unit:
      return assign(output.unit, choose(kUnits, value));
    case OptionId::color:
      return assign(output.color, parse_color(value));
    case OptionId::output:
      if (value.empty()) return bad_option("the name of the file is empty");
      output.body_file = value;
      return {};
    case OptionId::write_out:
      output.write_out = value;
      return {};
    case OptionId::metrics:
      return assign(draft.options.metrics, parse_metrics_target(value));
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
    return bad_option("its Root is not a trace id such as 1-58406520-a006649127e371903a2de979");
  }
  if (header.root || header.sampled != Sampled::unknown) return {};
  return bad_option(
      "it has neither a Root nor a Sampled, as in Root=1-58406520-a006649127e371903a2de979");
}

Expected<void> apply_trace(TraceOptions& trace, OptionId id, const std::string& value) {
  switch (id) {
    case OptionId::emit:
      return assign(trace.emit, parse_emit_target(value));
    case OptionId::name:
      if (value.empty()) return bad_option("the name is empty");
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
  if (id == OptionId::slo) return apply_slo(draft, value);
  draft.options.fails_on_status = true;
  return {};
}

}  // namespace

Expected<void> apply_option(OptionDraft& draft, OptionId id, const std::string& value) {
  // The ids of one heading are neighbours; each comparison names the last one of a heading.
  if (id <= OptionId::expect_100) return apply_request(draft, id, value);
  if (id <= OptionId::keepalive_time) return apply_route(draft, id, value);
  if (id <= OptionId::no_sessionid) return apply_tls(draft, id, value);
  if (id <= OptionId::expect100_timeout) return apply_limit(draft, id, value);
  if (id <= OptionId::endpoint) return apply_policy(draft, id, value);
  if (id <= OptionId::one_trace) return apply_repeat(draft, id, value);
  if (id <= OptionId::color) return apply_output(draft, id, value);
  if (id <= OptionId::slo) return apply_judge(draft, id, value);
  return apply_trace(draft.options.trace, id, value);
}

Expected<TraceOptions> read_trace_options(const ParsedFlags& flags) {
  TraceOptions trace;
  for (const Setting& setting : flags.settings()) {
    const auto id = option_id(*setting.row);
    if (!id || *id <= OptionId::slo) continue;
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
