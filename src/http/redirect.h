#pragma once

/// Where a response sends its request next, by the rules of Go's `net/http`: pure functions.
///
/// Stricter than Go in three points. A Location that names a host, if only as `//host/`, loses the
/// caller's Host field; the step from https to http loses the caller's credentials even within the
/// domain; and `Expect` and `Trailer` go with the body. Kinder in one: the userinfo of a URL stays
/// with its origin, as in curl, where Go keeps it for relative Locations only.

#include <optional>
#include <span>
#include <string>

#include <xtrace/expected.h>
#include <xtrace/http.h>

namespace xtrace {

/// What the rules remember of the first request of a chain.
struct RedirectOrigin {
  explicit RedirectOrigin(const Request& first)
      : url(first.url), has_own_referer(first.headers.contains("Referer")) {}

  Url url;
  bool has_own_referer;
};

/// The request that follows `sent` after `response`, or nothing where the response is the answer:
/// no 301, 302, 303, 307 or 308; no Location, or an empty one; a 307 or 308 whose body cannot be
/// sent again.
///
/// - Method and body: 307 and 308 repeat both. Otherwise HEAD stays HEAD, everything else becomes
///   GET, and the body goes, with it the fields that describe it (Content-*, Expect, Trailer).
/// - The Location is resolved against the URL of `sent`; its fragment is dropped.
/// - Authorization, Www-Authenticate, Cookie, Cookie2, Proxy-Authorization and Proxy-Authenticate
///   go when the new host is neither the host of `origin` nor a subdomain of it, or when https is
///   left. What is gone from `sent` does not come back.
/// - Referer is the URL of `sent` without userinfo, but with its query, to other hosts too: that is
///   Go's rule, and a browser's would be stricter. It is not sent from https to http, nor where
///   the caller omits it; the caller's own stays.
///
/// Error: `bad_redirect` where the Location is no http or https URL.
Expected<std::optional<Request>> follow_redirect(const Request& sent, const Response& response,
                                                 const RedirectOrigin& origin);

/// The sentence of `too_many_redirects`: `visited` are the URLs that were asked, in order, and
/// `next` is the one that is not asked any more. It names the circle where `next` was asked before:
/// `stopped after 10 redirects: http://h/a and http://h/b lead to each other`. No query is named.
std::string describe_redirect_end(std::span<const Url> visited, const Url& next, int limit);

}  // namespace xtrace
