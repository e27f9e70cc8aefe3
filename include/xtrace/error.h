#pragma once

/// What went wrong, in which phase, in one sentence.
///
/// An `Error` is a value. Its `code` is stable: codes are grouped by hundreds per phase, never
/// renumbered, never reused, and count as API. Its `message` names the object, the deed and the
/// reason, for example `connect 10.0.3.17:443: connection refused (ECONNREFUSED)`; it never holds a
/// query string, a password or a header. An HTTP status is not an error: a 500 is a `Response`.

#include <string>
#include <string_view>

namespace xtrace {

/// The phases of one attempt, in the order they happen (docs/phases.md). `none` is the phase of an
/// error outside all.
enum class Phase : unsigned char {
  none,
  queue,
  dns_wait,
  dns,
  dial,
  connect,
  proxy,
  tls,
  request,
  response,
  body,
};
inline constexpr int kPhaseCount = 11;

/// The name used in JSON and in messages: `dns_wait`, `tls`, ...
std::string_view to_string(Phase phase);

struct Error {
  enum class Code : int {
    // 1xx: the request itself, before anything is sent.
    invalid_url = 100,         ///< The URL cannot be parsed.
    unsupported_scheme = 101,  ///< The URL's scheme is neither http nor https.
    invalid_request = 102,     ///< A method, header or body that HTTP/1.1 cannot carry.
    invalid_config = 103,      ///< A configuration value makes no sense.
    invalid_address = 104,     ///< Not an IP address, a socket path, or a daemon's `host:port`.
    invalid_host_name = 105,   ///< A host name that DNS cannot carry (not ASCII, label too long).
    // 15x: the pool and the client, before a connection is had.
    pool_timeout = 150,   ///< No connection became free within `timeouts.wait`.
    pool_full = 151,      ///< More requests wait already than `pool.waiting` allows.
    client_closed = 152,  ///< The client was closed, or closing, and takes no more requests.
    breaker_open = 153,   ///< The circuit breaker of the target is open: nothing was sent.
    // 2xx: dns.
    dns_not_found = 200,  ///< The resolver knows no address for the name.
    dns_temporary = 201,  ///< The resolver could not answer now (EAI_AGAIN).
    dns_failed = 202,     ///< The lookup failed for another reason.
    dns_timeout = 203,    ///< The lookup took longer than `timeouts.dns`.
    // 3xx: dial and connect.
    // Where addresses failed for different reasons, the last one's code.
    connect_refused = 300,      ///< ECONNREFUSED.
    connect_unreachable = 301,  ///< No route (ENETUNREACH, EHOSTUNREACH), or of another family.
    connect_failed = 302,       ///< connect() failed for another reason.
    connect_timeout =
        303,  ///< Not connected within `timeouts.connect`, or ETIMEDOUT of the kernel.
    // 35x: the proxy.
    proxy_not_found = 350,  ///< The proxy's name could not be looked up.
    proxy_denied = 351,     ///< The proxy asks for credentials, or refuses those it was given.
    proxy_refused = 352,    ///< The proxy answered and will not or cannot connect us.
    proxy_failed = 353,     ///< The proxy broke off, or does not speak its protocol.
    proxy_timeout = 354,    ///< No tunnel within `timeouts.proxy`.
    // 4xx: tls.
    tls_handshake = 400,       ///< The handshake failed; the message holds the library's reason.
    tls_version = 401,         ///< The peer refuses every TLS version offered.
    tls_closed = 402,          ///< The peer closed or reset the connection during the handshake.
    tls_timeout = 403,         ///< The handshake took longer than `timeouts.tls`.
    tls_config = 404,          ///< A CA, certificate or key could not be read or used.
    cert_untrusted = 410,      ///< The certificate chain ends in a CA that is not trusted.
    cert_self_signed = 411,    ///< The certificate is its own issuer and is not trusted.
    cert_expired = 412,        ///< A certificate of the chain has expired.
    cert_not_yet_valid = 413,  ///< A certificate of the chain is not valid yet.
    cert_wrong_host = 414,     ///< The certificate is for other names than the one asked for.
    cert_invalid = 415,        ///< Revoked, weak, or not meant for a server.
    // 5xx: request.
    send_failed = 500,          ///< Writing to the connection failed.
    send_stalled = 501,         ///< The peer read nothing of the request for `timeouts.idle`.
    body_source_failed = 502,   ///< The body could not be read, or is not as long as announced.
    body_not_repeatable = 503,  ///< The body would have to be sent again and cannot be.
    // 6xx: response. What is wrong behind the final status line, in its headers, has the phase
    // body.
    empty_reply = 600,        ///< The peer closed the connection without sending a byte.
    receive_failed = 601,     ///< Reading from the connection failed.
    response_timeout = 602,   ///< No final status line within `timeouts.response`.
    not_http = 603,           ///< The bytes are not an HTTP/1.x response.
    headers_too_large = 604,  ///< The head is larger than `max_head_bytes`.
    head_cut = 605,           ///< The connection ended inside the head.
    ambiguous_framing =
        606,  ///< Content-Length beside Transfer-Encoding, two lengths, a coding not `chunked`.
    upgrade_refused = 607,   ///< 101 Switching Protocols to a request that asked for no upgrade.
    response_stalled = 608,  ///< No byte of the response for `timeouts.idle`.
    too_many_interim = 609,  ///< More 1xx responses than `Timeline::kMaxInterims`.
    // 7xx: body.
    body_cut = 700,        ///< The connection ended before the announced body did.
    body_stalled = 701,    ///< No byte of the body for `timeouts.idle`.
    body_invalid = 702,    ///< A chunk header or trailer is malformed.
    body_too_large = 703,  ///< A buffered body is larger than `max_buffered_body`.
    body_refused = 704,    ///< The receiver of the body could not take it (an output file is full).
    body_undecodable = 705,  ///< The Content-Encoding's data is damaged or cut.
    body_expands = 706,      ///< Decoded, the body is larger than `decoding` allows (a bomb).
    // 8xx: the call as a whole.
    call_timeout = 800,        ///< Not done within `timeouts.total`.
    cancelled = 801,           ///< The caller gave up.
    too_many_redirects = 802,  ///< More than `redirects.limit`.
    bad_redirect = 803,        ///< A Location that is no http or https URL.
    attempt_timeout = 804,     ///< An attempt took longer than the plan gives it.
    plan_timeout = 805,        ///< Not done within the plan's deadline.
    redundant = 806,           ///< Another attempt of the race was final; no fault of this one.
    // 85x: the server's side of an exchange.
    peer_left = 850,        ///< The client closed or reset the connection before it was answered.
    peer_stalled = 851,     ///< The client sent or took bytes slower than the server's limits.
    request_invalid = 852,  ///< The request breaks HTTP/1.1's rules.
    unanswered = 853,       ///< The handler dropped the call without an answer.
    server_closed = 854,    ///< The server was closed with the exchange under way.
    listen_failed = 855,    ///< An address cannot be listened on.
    // 9xx: everything beside the request.
    emit_refused = 900,        ///< Nobody listens at the daemon's address.
    emit_failed = 901,         ///< A document could not be sent or written.
    document_too_large = 902,  ///< A document does not fit a datagram, even cut.
    invalid_document = 903,    ///< A segment document, trace header or id is malformed.
    // What the daemon's TCP side answers for the X-Ray service.
    service_unavailable = 904,  ///< 5xx: the daemon or the service cannot do it now.
    service_throttled = 905,    ///< Too many calls for the service.
    service_denied = 906,       ///< 401 or 403: the daemon's credentials are missing or not enough.
    service_refused = 907,      ///< Any other status but 200.
    invalid_reply = 908,        ///< 200, and a body that cannot be understood.
    system = 990,               ///< A system call failed that never should.
  };

  Code code;
  Phase phase = Phase::none;
  std::string message{};

  /// The same error with `prefix` and a colon before its message.
  Error with_prefix(std::string_view prefix) const;

  friend bool operator==(const Error&, const Error&) = default;
};

/// The code's name as written above: `connect_refused`.
std::string_view to_string(Error::Code code);

/// True for the codes that mean "took too long" (exit 28 of the command line).
bool is_timeout(Error::Code code);

}  // namespace xtrace
