#include <algorithm>
#include <utility>

#include "cli/option_draft.h"
#include "cli/verbs.h"

namespace xtrace::cli {

namespace {

Error usage(const OptionDraft& draft, std::string_view rest) {
  return {Error::Code::invalid_config, Phase::none,
          "xtrace " + draft.options.verb + " " + std::string(rest)};
}

Expected<void> check_url_count(const OptionDraft& draft) {
  if (draft.urls.empty()) {
    return usage(draft, "needs a URL, as in xtrace " + draft.options.verb + " https://example.com");
  }
  if (draft.urls.size() == 1) return {};
  if (find_verb(draft.urls.front()) != nullptr) {
    return usage(
        draft, "takes flags after the verb, as in xtrace " + draft.urls.front() + " [OPTIONS] URL");
  }
  return usage(draft, "takes only one URL per call, not " + std::to_string(draft.urls.size()));
}

/// What the verb, `-X`, `-I` and the data make of the method.
Expected<std::string> decide_method(const OptionDraft& draft) {
  const GetOptions& options = draft.options;
  const Verb* verb = find_verb(options.verb);
  const std::string_view fixed = verb == nullptr ? std::string_view() : verb->method;
  if (options.verb == "request" && !draft.method) {
    return usage(draft, "needs a method, as in xtrace request -X PURGE https://example.com");
  }
  if (draft.method && !fixed.empty() && fixed != *draft.method) {
    return usage(draft,
                 "sends " + std::string(fixed) + ", which -X contradicts; use xtrace request");
  }
  std::string method = draft.method.value_or(std::string(fixed));
  if (draft.has_head) {
    if (!method.empty() && method != "HEAD") {
      return usage(draft, "takes -I or another method, not both");
    }
    method = "HEAD";
  }
  if (method == "HEAD" && !options.body.empty()) {
    const std::string_view spare = draft.has_head ? "-I or the data" : "the data";
    return usage(draft, "sends HEAD without a body; leave out " + std::string(spare));
  }
  if (method.empty()) method = options.body.empty() ? "GET" : "POST";
  return method;
}

Expected<void> check_input(const OptionDraft& draft) {
  const auto reads_stdin = [](const BodyPart& part) {
    return part.kind != BodyPart::Kind::raw && part.text == "@-";
  };
  const auto readers = std::ranges::count_if(draft.options.body, reads_stdin) +
                       std::ranges::count(draft.options.headers, "@-");
  if (readers > 1) return usage(draft, "can read stdin (@-) for one flag only");
  return {};
}

Expected<void> check_trace(const OptionDraft& draft) {
  const TraceOptions& trace = draft.options.trace;
  if (trace.requires_emit && trace.emit.kind == EmitTarget::Kind::none) {
    return usage(draft, "takes --emit none or --require-emit, not both");
  }
  if (trace.requires_emit && trace.sampled == Sampled::no) {
    return usage(draft,
                 "takes --sampled 0 or --require-emit, not both: nothing is recorded to emit");
  }
  if (trace.emit.kind == EmitTarget::Kind::standard_output &&
      draft.options.output.body_file == "-") {
    return usage(draft, "takes -o - or --emit -, not both: stdout holds one of them");
  }
  return {};
}

Expected<void> check_combination(const OptionDraft& draft) {
  if (draft.has_ipv4 && draft.has_ipv6) return usage(draft, "takes -4 or -6, not both");
  const TlsConfig& tls = draft.options.client.tls;
  if (!tls.key_file.empty() && tls.certificate_file.empty()) {
    return usage(draft, "takes --key only together with --cert");
  }
  if (auto input = check_input(draft); !input) return input;
  return check_trace(draft);
}

}  // namespace

Expected<GetOptions> finish_draft(OptionDraft draft) {
  if (draft.options.help != GetOptions::Help::none) return std::move(draft.options);
  if (auto urls = check_url_count(draft); !urls) return std::move(urls).error();
  if (auto combination = check_combination(draft); !combination) {
    return std::move(combination).error();
  }
  auto method = decide_method(draft);
  if (const auto* error = method.if_error()) return *error;

  GetOptions options = std::move(draft.options);
  options.method = std::move(method).value();
  options.url = std::move(draft.urls.front());
  // A PEM file may hold the certificate and its key, as curl allows.
  TlsConfig& tls = options.client.tls;
  if (tls.key_file.empty()) tls.key_file = tls.certificate_file;
  return options;
}

}  // namespace xtrace::cli
