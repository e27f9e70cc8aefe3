#include "cli/request_verbs.h"

#include <algorithm>
#include <array>

#include "cli/option_table.h"

namespace xtrace::cli {

namespace {

// Flags of design and of curl that people paste; this version has none of them.
// clang-format off
constexpr auto kLaterNames = std::to_array<std::string_view>({
    "cookie-jar", "data-urlencode", "get", "globoff", "http1.0", "http1.1", "http2", "http3",
    "interface", "propagate", "proxy-user", "range", "remote-name", "save", "show-error", "url"});
// clang-format on
constexpr std::string_view kLaterLetters = "gGJjNOrSUZ";

constexpr std::string_view kExamples =
    "  xtrace get -m 2 --format json https://api.example.com/health\n"
    "  xtrace post --json '{\"item\":17}' https://api.example.com/orders\n"
    "  xtrace get --connect-to ::127.0.0.1:8443 --cacert ca.pem https://example.com\n"
    "  xtrace get --emit file:trace.jsonl -a build=17 https://example.com\n";

constexpr std::string_view kNotes =
    "The exit code is curl's where curl has one; xtrace --help lists them.\n";

VerbSyntax make_syntax(std::string_view name, std::string_view operands, std::string_view summary) {
  return {.name = name,
          .operands = operands,
          .summary = summary,
          .flags = option_table(),
          .examples = kExamples,
          .notes = kNotes,
          .section = "get",
          .later_names = kLaterNames,
          .later_letters = kLaterLetters};
}

struct Method {
  std::string_view verb;
  std::string_view method;
};
constexpr auto kMethods = std::to_array<Method>({{"head", "HEAD"},
                                                 {"post", "POST"},
                                                 {"put", "PUT"},
                                                 {"patch", "PATCH"},
                                                 {"delete", "DELETE"},
                                                 {"options", "OPTIONS"}});

}  // namespace

std::span<const VerbSyntax> request_verbs() {
  static const auto verbs = std::to_array<VerbSyntax>(
      {make_syntax("get", "URL", "one traced request, every connection phase shown"),
       make_syntax("head", "URL", "the same with HEAD"),
       make_syntax("post", "URL", "the same with POST"),
       make_syntax("put", "URL", "the same with PUT"),
       make_syntax("patch", "URL", "the same with PATCH"),
       make_syntax("delete", "URL", "the same with DELETE"),
       make_syntax("options", "URL", "the same with OPTIONS"),
       make_syntax("request", "-X METHOD URL", "the same with any method")});
  return verbs;
}

const VerbSyntax* find_request_verb(std::string_view name) {
  const auto verbs = request_verbs();
  const auto verb = std::ranges::find(verbs, name, &VerbSyntax::name);
  return verb == verbs.end() ? nullptr : &*verb;
}

std::string_view fixed_method(std::string_view verb) {
  const auto* row = std::ranges::find(kMethods, verb, &Method::verb);
  return row == kMethods.end() ? std::string_view() : row->method;
}

}  // namespace xtrace::cli
