#pragma once

/// The values of HTTP: `Url`, `Headers`, `Request`, `Response`. No I/O here; RFC 9110 and 9112 are
/// the source of the rules.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xtrace/body.h>
#include <xtrace/expected.h>

namespace xtrace {

/// An absolute http or https URL, checked and normalised (RFC 3986): scheme and host in lower case,
/// dot segments removed, an empty path is `/`, the fragment is gone. Bytes that a URL may not hold
/// are percent-encoded in path and query (a space becomes `%20`), existing escapes are kept as they
/// are. Without a scheme, `host[:port][/path]` is http, as curl has it.
class Url {
 public:
  /// Errors: `invalid_url`, `unsupported_scheme`, `invalid_host_name` (not ASCII: the message tells
  /// the way out). An IPv4 address is four decimal numbers; `1`, `0x7f.1` and the like, which some
  /// take for an address and some for a name, are refused. Userinfo ends at the last `@`. Messages
  /// never repeat userinfo or query.
  static Expected<Url> parse(std::string_view text);

  /// The URL that `reference` means on a page of this one (RFC 3986 section 5.2): a Location, say.
  /// Bytes it may not hold are encoded as `parse` does; its fragment is dropped. A reference that
  /// names no host keeps the userinfo; one to the same scheme, host and port inherits it unless it
  /// brings its own. Unlike for `parse`, `host:port/path` is the scheme `host`. Errors: those of
  /// `parse`.
  Expected<Url> resolve(std::string_view reference) const;

  bool is_https() const { return scheme_ == "https"; }
  const std::string& scheme() const { return scheme_; }
  /// Name or IP literal, without brackets: `example.com`, `127.0.0.1`, `::1`, `fe80::1%eth0`. The
  /// dot at the end of a fully qualified name is kept.
  const std::string& host() const { return host_; }
  bool host_is_ip() const { return host_is_ip_; }
  /// Given, or the scheme's default.
  std::uint16_t port() const { return port_; }
  /// Percent-decoded `user:password`, or nothing.
  const std::optional<std::pair<std::string, std::string>>& userinfo() const { return userinfo_; }

  /// The request target in origin form: `/path?query`.
  std::string target() const;
  const std::string& path() const { return path_; }
  /// Without the `?`; empty where there is none.
  const std::string& query() const { return query_; }
  /// `host` or `host:port` for the Host header: the default port is left out, IPv6 is in brackets
  /// and without its zone.
  std::string authority() const;
  /// `host:port`, always with the port: what httptrace's `get_conn` is told.
  std::string host_port() const;
  /// What may be recorded: `scheme://authority/path`; no userinfo, no query.
  std::string redacted() const;
  /// `scheme://authority/path?query`; no userinfo.
  std::string full() const;

 private:
  Url() = default;

  std::string scheme_;
  std::string host_;
  bool host_is_ip_ = false;
  std::uint16_t port_ = 0;
  std::optional<std::pair<std::string, std::string>> userinfo_;
  std::string path_;
  std::string query_;
};

struct Header {
  std::string name{};
  std::string value{};

  friend bool operator==(const Header&, const Header&) = default;
};

/// Header fields in the order they came or will be sent. Names keep their spelling and compare
/// without case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields) : fields_(fields) {}

  /// Takes the memory for `count` fields at once.
  void reserve(std::size_t count) { fields_.reserve(count); }
  void add(std::string_view name, std::string_view value);
  /// Replace every field of that name by one.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  bool contains(std::string_view name) const;
  /// The first value, or null. Valid until the fields change.
  const std::string* find(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }

  friend bool operator==(const Headers&, const Headers&) = default;

 private:
  std::vector<Header> fields_;
};

/// Equality of header names and other ASCII tokens, without case.
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// A request as the caller wants it. The client adds Host, Accept, User-Agent, Accept-Encoding,
/// Content-Length or Transfer-Encoding, and Authorization (from the URL's userinfo) where the
/// caller set none; to leave one out, set `omit`. With `Expect: 100-continue` among its headers the
/// body waits for the server's word, at most `timeouts.expect_continue`.
struct Request {
  std::string method = "GET";
  Url url;
  Headers headers;
  std::string body;
  /// Instead of `body`.
  std::optional<BodySupply> supply;
  /// Names of automatic fields not to send, `User-Agent` for example. Host and framing fields are
  /// always sent.
  std::vector<std::string> omit;

  explicit Request(Url target) : url(std::move(target)) {}
};

/// Checks what HTTP/1.1 cannot carry: a method that is no token, header names that are no tokens,
/// values with CR, LF or NUL, framing fields set by hand that contradict the body, a second Host,
/// CONNECT, `body` beside `supply`, an Expect other than `100-continue`. Trailer fields of a
/// `supply` may be announced. Errors: `invalid_request`, naming the field and never its value.
Expected<void> check_request(const Request& request);

/// The head of a request as sent, ending in an empty line: Host, the caller's fields in their
/// order, then the automatic ones. Content-Length is sent with a body and always with POST, PUT and
/// PATCH. `request` was checked.
std::string serialize_head(const Request& request, std::string_view default_user_agent);

struct Response {
  int status = 0;
  int version_minor = 1;  ///< HTTP/1.x
  std::string reason{};
  Headers headers{};
  Headers trailers{};  ///< The fields after a chunked body.
  /// As announced; absent for chunked and until-EOF bodies.
  std::optional<std::uint64_t> content_length{};
  std::string body{};  ///< Only where the caller asked for no `on_body`.
};

}  // namespace xtrace
