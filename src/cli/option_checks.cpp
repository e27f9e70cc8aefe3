#include <algorithm>
#include <utility>

#include "cli/option_draft.h"
#include "cli/request_verbs.h"
#include "cli/verbs.h"

namespace xtrace::cli {

namespace {

Expected<void> check_url_count(const ParsedFlags& flags) {
  if (flags.positionals().empty()) {
    return flags.refuse("needs a URL, as in xtrace " + std::string(flags.syntax().name) +
                        " https://example.com");
  }
  if (flags.positionals().size() == 1) return {};
  if (find_verb(flags.positionals().front()).has_value()) {
    return flags.refuse("takes flags after the verb, as in xtrace " + flags.positionals().front() +
                        " [OPTIONS] URL");
  }
  return flags.refuse("takes only one URL per call, not " +
                      std::to_string(flags.positionals().size()));
}

/// What the verb, `-X`, `-I` and the data make of the method.
Expected<std::string> decide_method(const OptionDraft& draft, const ParsedFlags& flags) {
  const GetOptions& options = draft.options;
  const std::string_view fixed = fixed_method(options.verb);
  if (options.verb == "request" && !draft.method) {
    return flags.refuse("needs a method, as in xtrace request -X PURGE https://example.com");
  }
  if (draft.method && !fixed.empty() && fixed != *draft.method) {
    return flags.refuse("sends " + std::string(fixed) +
                        ", which -X contradicts; use xtrace request");
  }
  std::string method = draft.method.value_or(std::string(fixed));
  if (draft.has_head) {
    if (!method.empty() && method != "HEAD") {
      return flags.refuse("takes -I or another method, not both");
    }
    method = "HEAD";
  }
  const bool has_body = !options.body.empty() || !options.form.empty() || options.upload;
  if (method == "HEAD" && has_body) {
    const std::string_view spare = draft.has_head ? "-I or the data" : "the data";
    return flags.refuse("sends HEAD without a body; leave out " + std::string(spare));
  }
  if (method.empty()) method = options.upload ? "PUT" : has_body ? "POST" : "GET";
  return method;
}

Expected<void> check_input(const OptionDraft& draft, const ParsedFlags& flags) {
  const auto reads_stdin = [](const BodyPart& part) {
    return part.kind != BodyPart::Kind::raw && part.text == "@-";
  };
  const auto part_reads_stdin = [](const FormPart& part) {
    return part.reads_file() && part.text == "-";
  };
  const GetOptions& options = draft.options;
  const auto readers = std::ranges::count_if(options.body, reads_stdin) +
                       std::ranges::count_if(options.form, part_reads_stdin) +
                       std::ranges::count(options.headers, "@-") +
                       (options.upload == "-" || options.upload == "." ? 1 : 0) +
                       (options.output.write_out == "@-" ? 1 : 0);
  if (readers > 1) return flags.refuse("can read stdin (@-) for one flag only");
  const int bodies =
      (options.body.empty() ? 0 : 1) + (options.form.empty() ? 0 : 1) + (options.upload ? 1 : 0);
  if (bodies > 1) return flags.refuse("sends one body: data (-d), a form (-F) or a file (-T)");
  return {};
}

Expected<void> check_tls(const OptionDraft& draft, const ParsedFlags& flags) {
  const TlsConfig& tls = draft.options.client.tls;
  if (!tls.key_file.empty() && tls.certificate_file.empty()) {
    return flags.refuse("takes --key only together with --cert");
  }
  if (draft.newest_tls && draft.oldest_tls && *draft.newest_tls < *draft.oldest_tls) {
    return flags.refuse("takes --tls-max only from the version on that --tlsv asks for");
  }
  return {};
}

Expected<void> check_trace(const OptionDraft& draft, const ParsedFlags& flags) {
  const TraceOptions& trace = draft.options.trace;
  if (trace.requires_emit && trace.emit.kind == EmitTarget::Kind::none) {
    return flags.refuse("takes --emit none or --require-emit, not both");
  }
  if (trace.requires_emit && trace.sampled == Sampled::no) {
    return flags.refuse(
        "takes --sampled 0 or --require-emit, not both: nothing is recorded to emit");
  }
  if (trace.emit.kind == EmitTarget::Kind::standard_output &&
      draft.options.output.body_file == "-") {
    return flags.refuse("takes -o - or --emit -, not both: stdout holds one of them");
  }
  return {};
}

Expected<void> check_repeat(const OptionDraft& draft, const ParsedFlags& flags) {
  const GetOptions& options = draft.options;
  if (const char* reason = find_contradiction(options.repeat)) return flags.refuse(reason);
  if (!options.repeat.is_run()) return {};
  const std::string& file = options.output.body_file;
  if (!file.empty() && file != "/dev/null") {
    return flags.refuse("takes -o or many requests, not both: their bodies would run together");
  }
  if (options.output.write_out) {
    return flags.refuse("takes -w or many requests, not both; --format csv has a row for each");
  }
  const bool has_lines =
      options.output.format == Format::jsonl || options.output.format == Format::csv;
  if (has_lines && options.trace.emit.kind == EmitTarget::Kind::standard_output) {
    return flags.refuse("takes --emit - or a line for each request, not both: stdout holds one");
  }
  if (options.output.format == Format::classic) {
    return flags.refuse("takes --format classic or many requests, not both: it draws one");
  }
  const bool has_one_file = options.output.format == Format::har ||
                            options.output.format == Format::perfetto ||
                            options.output.format == Format::otlp;
  if (has_one_file) {
    return flags.refuse(
        "takes --format har, perfetto or otlp of one request; of many, xtrace convert makes them "
        "of what --format xray writes");
  }
  return {};
}

bool is_typed(const ParsedFlags& flags, std::string_view name) {
  const Setting* setting = flags.find(name);
  return setting != nullptr && setting->origin.empty();
}

/// A file may prepare for flags that are given another time.
Expected<void> check_policy(OptionDraft& draft, const ParsedFlags& flags) {
  PlanOptions& plan = draft.options.plan;
  for (const std::string_view name : {"retry-on", "retry-after", "backoff"}) {
    if (plan.retries || !is_typed(flags, name)) continue;
    return flags.refuse("takes --" + std::string(name) + " only together with --retry");
  }
  if (is_typed(flags, "repeat-any-method") && !plan.retries && !plan.race) {
    return flags.refuse("takes --repeat-any-method only together with --retry or --race");
  }
  if (!plan.race || !plan.race->percentile || draft.options.repeat.is_run()) return {};
  if (is_typed(flags, "race")) {
    return flags.refuse(
        "takes --race with a percentile only together with -n or --duration: one request has none "
        "before it to be compared with");
  }
  plan.race.reset();
  return {};
}

Expected<void> check_combination(OptionDraft& draft, const ParsedFlags& flags) {
  if (draft.has_ipv4 && draft.has_ipv6) return flags.refuse("takes -4 or -6, not both");
  if (auto tls = check_tls(draft, flags); !tls) return tls;
  if (auto input = check_input(draft, flags); !input) return input;
  if (auto repeat = check_repeat(draft, flags); !repeat) return repeat;
  if (auto policy = check_policy(draft, flags); !policy) return policy;
  return check_trace(draft, flags);
}

/// A flag that nobody typed just now must not puzzle: says where the first of them stands.
Error with_files_named(Error error, const ParsedFlags& flags) {
  const auto is_of_file = [](const Setting& setting) { return !setting.origin.empty(); };
  const auto setting = std::ranges::find_if(flags.settings(), is_of_file);
  if (setting == flags.settings().end()) return error;
  error.message += " (" + setting->origin + " has a say; --config none leaves it out)";
  return error;
}

/// Who asks for TLS 1.1 at most does not insist on the default's 1.2 at least.
void settle_tls_versions(TlsConfig& tls, const OptionDraft& draft) {
  if (draft.newest_tls) tls.newest = *draft.newest_tls;
  tls.oldest = draft.oldest_tls.value_or(std::min(tls.oldest, tls.newest));
}

}  // namespace

Expected<GetOptions> finish_draft(OptionDraft draft, const ParsedFlags& flags) {
  if (auto urls = check_url_count(flags); !urls) return std::move(urls).error();
  if (auto combination = check_combination(draft, flags); !combination) {
    return with_files_named(std::move(combination).error(), flags);
  }
  auto method = decide_method(draft, flags);
  if (const auto* error = method.if_error()) return *error;

  GetOptions options = std::move(draft.options);
  options.method = std::move(method).value();
  options.url = flags.positionals().front();
  // A PEM file may hold the certificate and its key, as curl allows.
  TlsConfig& tls = options.client.tls;
  if (tls.key_file.empty()) tls.key_file = tls.certificate_file;
  settle_tls_versions(tls, draft);
  return options;
}

}  // namespace xtrace::cli
