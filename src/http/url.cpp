#include <algorithm>
#include <charconv>

#include <uriparser/Uri.h>

#include <xtrace/http.h>

#include "http/characters.h"
#include "http/host_name.h"
#include "http/percent.h"
#include "http/url_text.h"

namespace xtrace {

namespace {

using Userinfo = std::optional<std::pair<std::string, std::string>>;

Error invalid_url(std::string message) {
  return {Error::Code::invalid_url, Phase::none, std::move(message)};
}

Error unsupported_scheme(std::string_view scheme) {
  return {Error::Code::unsupported_scheme, Phase::none,
          "the scheme \"" + std::string(scheme) + "\" is not supported: only http and https are"};
}

// The URL as the user wrote it, cut at its delimiters; nothing decoded, nothing checked.
struct Parts {
  std::string scheme;
  std::string_view userinfo;
  std::string host_port;  // without the zone, which uriparser does not know
  std::optional<std::string_view> zone;
  std::string_view path;
  std::string_view query;
};

// The pieces of a URI as uriparser found them in `text`, which outlives this.
class ParsedUri {
 public:
  explicit ParsedUri(const std::string& text)
      : is_valid_(uriParseSingleUriExA(&uri_, text.data(), text.data() + text.size(), nullptr) ==
                  URI_SUCCESS) {}
  ParsedUri(const ParsedUri&) = delete;
  ParsedUri& operator=(const ParsedUri&) = delete;
  ~ParsedUri() {
    if (is_valid_) uriFreeUriMembersA(&uri_);
  }

  bool is_valid() const { return is_valid_; }
  const UriUriA& operator*() const { return uri_; }
  const UriUriA* operator->() const { return &uri_; }

 private:
  UriUriA uri_{};
  bool is_valid_;
};

std::string_view view(const UriTextRangeA& range) {
  if (range.first == nullptr) return {};
  return {range.first, static_cast<std::size_t>(range.afterLast - range.first)};
}

Expected<std::string> take_scheme(std::string_view& text) {
  const std::size_t colon = text.find("://");
  if (colon != std::string_view::npos && colon < text.find_first_of("/?#@[")) {
    std::string scheme{text.substr(0, colon)};
    std::transform(scheme.begin(), scheme.end(), scheme.begin(), to_lower);
    text.remove_prefix(colon + 3);
    if (scheme == "http" || scheme == "https") return scheme;
    if (!is_token(scheme)) return invalid_url("the URL does not begin with http:// or https://");
    return unsupported_scheme(scheme);
  }
  for (const std::string_view prefix : {"http:", "https:"}) {
    if (equals_ignoring_case(text.substr(0, prefix.size()), prefix)) {
      return invalid_url("the URL has no // behind \"" + std::string(prefix) + "\"");
    }
  }
  // In `mailto:someone@example.com` the scheme would become a user name and be sent.
  if (text.substr(0, text.find_first_of("/?#")).find('@') != std::string_view::npos) {
    return invalid_url("the URL has a user name but no scheme: write http:// before it");
  }
  return std::string("http");
}

void take_host_port(Parts& parts, std::string_view text) {
  parts.host_port = text;
  const std::size_t begin = text.find('%');
  const std::size_t end = text.find(']');
  if (!text.starts_with('[') || end == std::string_view::npos || begin > end) return;
  std::string_view zone = text.substr(begin + 1, end - begin - 1);
  if (zone.starts_with("25")) zone.remove_prefix(2);  // RFC 6874 escapes the `%`
  parts.zone = zone;
  parts.host_port.erase(begin, end - begin);
}

Expected<Parts> split(std::string_view text) {
  if (text.empty()) return invalid_url("the URL is empty");
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return invalid_url("the URL holds a control character");
  }
  Parts parts;
  Expected<std::string> scheme = take_scheme(text);
  if (const Error* error = scheme.if_error()) return *error;
  parts.scheme = std::move(scheme).value();

  text = text.substr(0, text.find('#'));
  std::string_view authority = text.substr(0, text.find_first_of("/?"));
  parts.path = text.substr(authority.size());
  if (const std::size_t mark = parts.path.find('?'); mark != std::string_view::npos) {
    parts.query = parts.path.substr(mark + 1);
    parts.path = parts.path.substr(0, mark);
  }
  // The last `@`: people do write passwords with an `@` in them.
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    parts.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  take_host_port(parts, authority);
  return parts;
}

// What uriparser is given: the same URL with every byte escaped that RFC 3986 does not allow.
std::string canonical_text(const Parts& parts) {
  std::string text = parts.scheme + "://" + percent_encode(parts.host_port, ":[]");
  text += percent_encode(parts.path, "/:@");
  if (!parts.query.empty()) text += "?" + percent_encode(parts.query, "/?:@");
  return text;
}

Expected<Userinfo> decode_userinfo(std::string_view text) {
  if (text.empty()) return Userinfo();
  const std::size_t colon = std::min(text.find(':'), text.size());
  auto user = percent_decode(percent_encode(text.substr(0, colon), ""));
  auto password = percent_decode(percent_encode(text.substr(std::min(colon + 1, text.size())), ""));
  if (user->find(':') != std::string::npos) {
    return invalid_url(
        "the user name in the URL holds a colon, which Basic authentication cannot send");
  }
  for (const std::string& part : {*user, *password}) {
    if (std::any_of(part.begin(), part.end(), is_control)) {
      return invalid_url("the user name or password in the URL holds a control character");
    }
  }
  return Userinfo(std::in_place, std::move(*user), std::move(*password));
}

Expected<std::uint16_t> parse_port(std::string_view digits, std::uint16_t fallback) {
  if (digits.empty()) return fallback;
  unsigned port = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failure == std::errc() && port >= 1 && port <= 65535) return static_cast<std::uint16_t>(port);
  std::string named{digits.substr(0, 20)};
  if (digits.size() > 20) named += "...";
  return invalid_url("port " + named + " is not between 1 and 65535");
}

Expected<std::string> parse_host(const UriUriA& uri, std::string_view zone) {
  const std::string_view text = view(uri.hostText);
  if (text.empty()) return invalid_url("the URL has no host");
  if (uri.hostData.ipFuture.first != nullptr) {
    return Error{Error::Code::invalid_host_name, Phase::none,
                 "the host in brackets is not an IPv6 address"};
  }
  if (uri.hostData.ip4 != nullptr) return std::string(text);
  if (uri.hostData.ip6 != nullptr) return normalize_ipv6(text, zone);
  return normalize_host_name(percent_decode(text).value_or(std::string(text)));
}

// RFC 3986 section 5.2.4, on the segments uriparser found.
std::string join_path(const UriPathSegmentA* segment) {
  std::vector<std::string_view> kept;
  bool ends_in_slash = true;
  for (; segment != nullptr; segment = segment->next) {
    const std::string_view text = view(segment->text);
    ends_in_slash = text == "." || text == "..";
    if (text == ".." && !kept.empty()) kept.pop_back();
    if (!ends_in_slash) kept.push_back(text);
  }
  std::string path;
  for (const std::string_view text : kept) (path += '/') += text;
  if (ends_in_slash) path += '/';
  return path;
}

bool is_zone(std::string_view zone) {
  return !zone.empty() && std::all_of(zone.begin(), zone.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
  });
}

// Up to the colon; empty where the reference is relative (RFC 3986 section 4.1).
std::string_view scheme_of(std::string_view reference) {
  const std::size_t end = reference.find_first_of(":/?#");
  if (end == std::string_view::npos || reference[end] != ':') return {};
  const std::string_view scheme = reference.substr(0, end);
  const bool is_scheme =
      !scheme.empty() && is_alpha(scheme.front()) && std::ranges::all_of(scheme, [](char c) {
        return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
      });
  return is_scheme ? scheme : std::string_view();
}

Expected<Url> parse_absolute(std::string_view text) {
  const std::string_view scheme = scheme_of(text);
  if (text.substr(scheme.size()).starts_with("://")) return Url::parse(text);
  if (same_word(scheme, "http") || same_word(scheme, "https")) {
    return invalid_url("the URL has no // behind \"" + std::string(scheme) + ":\"");
  }
  return unsupported_scheme(scheme);
}

// RFC 3986 section 5.2.3; dot segments are left for later.
std::string merge_path(std::string_view base, std::string_view reference) {
  if (reference.empty()) return std::string(base);
  if (reference.starts_with('/')) return std::string(reference);
  return std::string(base.substr(0, base.rfind('/') + 1)).append(reference);
}

}  // namespace

bool names_host(std::string_view reference) {
  return reference.starts_with("//") || !scheme_of(reference).empty();
}

Expected<Url> Url::resolve(std::string_view reference) const {
  if (names_host(reference)) {
    Expected<Url> url = reference.starts_with('/') ? parse(scheme_ + ":" + std::string(reference))
                                                   : parse_absolute(reference);
    if (!url || url->userinfo_) return url;
    const bool is_same_origin =
        url->scheme_ == scheme_ && url->host_ == host_ && url->port_ == port_;
    if (is_same_origin) url->userinfo_ = userinfo_;
    return url;
  }
  if (std::ranges::any_of(reference, is_control)) {
    return invalid_url("the URL holds a control character");
  }
  const std::string_view rest = reference.substr(0, reference.find('#'));
  const std::size_t mark = std::min(rest.find('?'), rest.size());
  const std::string path = merge_path(path_, rest.substr(0, mark));
  Parts parts;
  parts.scheme = scheme_;
  parts.host_port = "h";
  parts.path = path;
  parts.query =
      rest.empty() ? std::string_view(query_) : rest.substr(std::min(mark + 1, rest.size()));
  const std::string canonical = canonical_text(parts);
  const ParsedUri uri(canonical);
  if (!uri.is_valid()) return invalid_url("the path or query cannot be part of a URL");
  Url url = *this;
  url.path_ = join_path(uri->pathHead);
  url.query_ = view(uri->query);
  return url;
}

Expected<Url> Url::parse(std::string_view text) {
  const Expected<Parts> parts = split(text);
  if (const Error* error = parts.if_error()) return *error;
  if (parts->zone && !is_zone(*parts->zone)) {
    return invalid_url("the zone of the IPv6 address is malformed");
  }
  const std::string canonical = canonical_text(*parts);
  const ParsedUri uri(canonical);
  if (!uri.is_valid()) {
    return invalid_url(
        "the URL's host is not a name, an IPv4 address or [an IPv6 address], "
        "with or without a :port");
  }

  Expected<Userinfo> userinfo = decode_userinfo(parts->userinfo);
  if (const Error* error = userinfo.if_error()) return *error;
  Expected<std::string> host = parse_host(*uri, parts->zone.value_or(""));
  if (const Error* error = host.if_error()) return *error;
  const Expected<std::uint16_t> port =
      parse_port(view(uri->portText), parts->scheme == "https" ? 443 : 80);
  if (const Error* error = port.if_error()) return *error;

  Url url;
  url.scheme_ = parts->scheme;
  url.host_ = std::move(host).value();
  url.host_is_ip_ = uri->hostData.ip4 != nullptr || uri->hostData.ip6 != nullptr;
  url.port_ = *port;
  url.userinfo_ = std::move(userinfo).value();
  url.path_ = join_path(uri->pathHead);
  url.query_ = view(uri->query);
  return url;
}

}  // namespace xtrace
