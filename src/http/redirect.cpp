#include "http/redirect.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "http/url_text.h"

namespace xtrace {

namespace {

constexpr std::array<std::string_view, 6> kSensitive = {
    "Authorization", "Www-Authenticate",    "Cookie",
    "Cookie2",       "Proxy-Authorization", "Proxy-Authenticate",
};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::any_of(
      names, [name](std::string_view candidate) { return equals_ignoring_case(candidate, name); });
}

bool describes_body(std::string_view name) {
  constexpr std::string_view kPrefix = "Content-";
  constexpr std::array<std::string_view, 2> kOthers = {"Expect", "Trailer"};
  return equals_ignoring_case(name.substr(0, kPrefix.size()), kPrefix) || is_one_of(kOthers, name);
}

bool repeats_request(int status) {
  return status == 307 || status == 308;
}

bool is_redirect(int status) {
  return (status >= 301 && status <= 303) || repeats_request(status);
}

// An address has no subdomains: the name in the zone of `fe80::1%.h` says nothing.
bool is_within(const Url& url, const Url& domain) {
  if (url.host() == domain.host()) return true;
  return !url.host_is_ip() && !domain.host_is_ip() && url.host().ends_with("." + domain.host());
}

struct Rules {
  bool keeps_body;
  bool keeps_credentials;
  bool keeps_host;
};

Headers headers_that_stay(const Headers& sent, const Rules& rules) {
  Headers kept;
  for (const Header& field : sent) {
    if (!rules.keeps_body && describes_body(field.name)) continue;
    if (!rules.keeps_credentials && is_one_of(kSensitive, field.name)) continue;
    if (!rules.keeps_host && equals_ignoring_case(field.name, "Host")) continue;
    kept.add(field.name, field.value);
  }
  return kept;
}

void set_referer(Request& next, const Request& sent, const RedirectOrigin& origin) {
  if (origin.has_own_referer) return;
  next.headers.remove("Referer");
  const bool is_omitted = std::ranges::any_of(
      sent.omit, [](const std::string& name) { return equals_ignoring_case(name, "Referer"); });
  if (is_omitted || (sent.url.is_https() && !next.url.is_https())) return;
  next.headers.add("Referer", sent.url.full());
}

Expected<Url> resolve_location(const Url& base, std::string_view location) {
  Expected<Url> url = base.resolve(location);
  const Error* error = url.if_error();
  if (error == nullptr) return url;
  return Error{Error::Code::bad_redirect, Phase::none,
               base.redacted() + " redirects to no http or https URL: " + error->message};
}

std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t kMostNamed = 3;
  const std::size_t named = names.size() > kMostNamed + 1 ? kMostNamed : names.size() - 1;
  std::string text = names.front();
  for (std::size_t i = 1; i < named; ++i) text += ", " + names[i];
  if (named + 1 == names.size()) return text + " and " + names.back();
  return text + " and " + std::to_string(names.size() - named) + " more";
}

}  // namespace

Expected<std::optional<Request>> follow_redirect(const Request& sent, const Response& response,
                                                 const RedirectOrigin& origin) {
  const std::string* location = response.headers.find("Location");
  if (!is_redirect(response.status) || location == nullptr || location->empty()) {
    return std::optional<Request>();
  }
  const bool repeats = repeats_request(response.status);
  if (repeats && sent.supply && !sent.supply->is_repeatable) return std::optional<Request>();

  const Expected<Url> url = resolve_location(sent.url, *location);
  if (const Error* error = url.if_error()) return *error;
  std::optional<Request> next(std::in_place, *url);
  const bool is_downgrade = sent.url.is_https() && !url->is_https();
  next->headers = headers_that_stay(
      sent.headers, {.keeps_body = repeats,
                     .keeps_credentials = is_within(*url, origin.url) && !is_downgrade,
                     .keeps_host = !names_host(*location)});
  set_referer(*next, sent, origin);
  next->omit = sent.omit;
  next->method = repeats || sent.method == "HEAD" ? sent.method : "GET";
  if (repeats) {
    next->body = sent.body;
    next->supply = sent.supply;
  }
  return next;
}

std::string describe_redirect_end(std::span<const Url> visited, const Url& next, int limit) {
  std::string text =
      "stopped after " + std::to_string(limit) + (limit == 1 ? " redirect: " : " redirects: ");
  const auto earlier = std::find_if(visited.rbegin(), visited.rend(),
                                    [&next](const Url& url) { return url.full() == next.full(); });
  if (earlier == visited.rend()) return text + "the next one leads to " + next.redacted();

  std::vector<std::string> circle;
  for (auto url = earlier.base() - 1; url != visited.end(); ++url) {
    std::string name = url->redacted();
    if (std::ranges::find(circle, name) == circle.end()) circle.push_back(std::move(name));
  }
  if (circle.size() == 1) return text + circle.front() + " leads to itself";
  return text + list_of(circle) + " lead to each other";
}

}  // namespace xtrace
