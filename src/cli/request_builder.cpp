#include "cli/request_builder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/body_source.h"
#include "http/base64.h"

namespace xtrace::cli {

namespace {

Error bad_field(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// HTTP/1.1 needs these whatever the caller thinks.
bool is_indispensable(std::string_view name) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"Host", "Content-Length", "Transfer-Encoding"});
  return std::ranges::any_of(
      kNames, [name](std::string_view known) { return equals_ignoring_case(known, name); });
}

/// One `-H`: `Name: value`, `Name:` (leave it out) or `Name;` (send it empty).
Expected<void> add_field(Request& request, std::string_view line) {
  const auto mark = line.find_first_of(":;");
  const std::string_view name = trimmed(line.substr(0, mark));
  if (mark == std::string_view::npos || name.empty()) {
    return bad_field(
        R"(-H takes "Name: value", "Name:" or "Name;"; one of them has no name or no colon)");
  }
  const std::string_view value = trimmed(line.substr(mark + 1));
  const std::string shown = "\"" + std::string(name) + "\"";
  if (line[mark] == ';') {
    if (!value.empty()) return bad_field("-H " + shown + " has a semicolon where a colon belongs");
    request.headers.add(name, "");
    return {};
  }
  if (!value.empty()) {
    request.headers.add(name, value);
    return {};
  }
  if (is_indispensable(name)) {
    return bad_field("-H " + shown + " cannot be left out: HTTP/1.1 needs the field");
  }
  request.omit.emplace_back(name);
  return {};
}

Expected<void> add_fields_of_file(Request& request, const std::string& path,
                                  const Process& process) {
  const auto text = read_file(path, process);
  if (const auto* error = text.if_error()) return *error;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = trimmed(rest.substr(0, end));
    if (!line.empty()) {
      if (auto added = add_field(request, line); !added) return added;
    }
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return {};
}

bool is_decided(const Request& request, std::string_view name) {
  return request.headers.contains(name) || is_omitted(request, name);
}

void add_default(Request& request, std::string_view name, std::string_view value) {
  if (!is_decided(request, name)) request.headers.add(name, value);
}

std::string join_cookies(const std::vector<std::string>& cookies) {
  std::string joined;
  for (const std::string& cookie : cookies) joined += (joined.empty() ? "" : "; ") + cookie;
  return joined;
}

void add_defaults(Request& request, const GetOptions& options) {
  const bool is_json = std::ranges::any_of(
      options.body, [](const BodyPart& part) { return part.kind == BodyPart::Kind::json; });
  if (is_json) {
    add_default(request, "Content-Type", "application/json");
    add_default(request, "Accept", "application/json");
  } else if (!options.body.empty()) {
    add_default(request, "Content-Type", "application/x-www-form-urlencoded");
  }
  if (options.user) {
    const bool has_colon = options.user->find(':') != std::string::npos;
    const std::string credentials = has_colon ? *options.user : *options.user + ":";
    add_default(request, "Authorization", "Basic " + to_base64(credentials));
  }
  if (options.referer) add_default(request, "Referer", *options.referer);
  if (!options.cookies.empty()) add_default(request, "Cookie", join_cookies(options.cookies));
  const bool has_body = request.supply || !request.body.empty();
  if (options.expects_continue && has_body) add_default(request, "Expect", "100-continue");
  if (!options.user_agent || is_decided(request, "User-Agent")) return;
  if (options.user_agent->empty()) {
    request.omit.emplace_back("User-Agent");
  } else {
    request.headers.add("User-Agent", *options.user_agent);
  }
}

}  // namespace

bool is_omitted(const Request& request, std::string_view name) {
  return std::ranges::any_of(request.omit, [name](const std::string& omitted) {
    return equals_ignoring_case(omitted, name);
  });
}

Expected<Request> build_request(const GetOptions& options, const Process& process) {
  auto url = Url::parse(options.upload ? add_file_name(options.url, *options.upload) : options.url);
  if (const auto* error = url.if_error()) return *error;

  Request request(std::move(url).value());
  request.method = options.method;
  for (const std::string& field : options.headers) {
    auto added = field.starts_with('@') ? add_fields_of_file(request, field.substr(1), process)
                                        : add_field(request, field);
    if (const auto* error = added.if_error()) return *error;
  }
  if (auto added = add_body(request, options, process); !added) return std::move(added).error();
  add_defaults(request, options);
  auto checked = check_request(request);
  if (const auto* error = checked.if_error()) return *error;
  return request;
}

}  // namespace xtrace::cli
