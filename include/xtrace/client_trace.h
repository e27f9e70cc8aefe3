#pragma once

/// `ClientTrace` is a set of hooks that a request calls as it happens: Go's
/// `net/http/httptrace.ClientTrace` in C++.
///
/// Set the hooks you want; one that is not set costs a null test. Hooks inform and never control:
/// they return nothing and cannot change the request. They run on the loop's thread, inline, so a
/// slow hook delays the I/O it watches. Two deliberate differences to Go: `wrote_request` runs
/// after the kernel took the last byte (Go's runs before its buffer is flushed), and no hook ever
/// runs on a request that has ended. What a hook is given is valid until it returns. A hook must
/// not destroy the `Call` it belongs to; `on_done` may. Whoever was told that something began is
/// told that it ended, with the error where the call failed meanwhile; only destroying the `Call`
/// silences all.

#include <functional>
#include <span>
#include <string_view>

#include <xtrace/address.h>
#include <xtrace/error.h>
#include <xtrace/http.h>
#include <xtrace/timeline.h>
#include <xtrace/tls.h>

namespace xtrace {

struct GotConnInfo {
  bool reused = false;
  bool was_idle = false;
  Duration idle_time{};
  Address local{};
  Address remote{};
};

struct DnsDoneInfo {
  std::span<const Address> addresses{};
  const Error* error = nullptr;
  bool coalesced = false;  ///< Another lookup of the name was under way and shared its answer.
};

struct WroteRequestInfo {
  const Error* error = nullptr;
};

/// A request is about to be sent again.
struct RetryInfo {
  int attempt = 0;       ///< Of the retry, counted from 1.
  Duration delay{};      ///< Before it begins.
  const Error* error{};  ///< Of the attempt before.
};

/// An attempt is about to start beside others that are slow.
struct RaceInfo {
  int attempt = 0;   ///< The rival, counted from 0 over the whole execution.
  int racing = 0;    ///< Attempts in flight, the rival included.
  Duration after{};  ///< The start of the attempt before it.
};

/// One event of `ClientTrace::to_logger`, its fields as text: `{"event", {{"host", "..."}}}`.
struct TraceEvent {
  struct Field {
    std::string_view name{};
    std::string_view value{};
  };
  std::string_view name{};  ///< That of the hook: `dns_start`.
  std::span<const Field> fields{};
};

struct ClientTrace {
  /// Before a connection is looked for; `host:port` of the target.
  std::function<void(std::string_view host_port)> get_conn{};
  /// A usable connection is in hand (dial, proxy and TLS done, or one was lent). A request that
  /// began to dial may be lent one that became free first: then `dns_done`, `connect_done`,
  /// `tls_handshake_done` of what it left behind run before, with an error of code `cancelled`, and
  /// the dial goes on for the pool, silently.
  std::function<void(const GotConnInfo&)> got_conn{};
  /// Beyond Go: no connection could be had.
  std::function<void(const Error&)> got_conn_failed{};
  /// The connection goes back to the pool, after the last byte of the body (null), or is closed
  /// instead, with the reason. As in Go, silent where it was never to be kept: one side said
  /// `Connection: close`, the exchange failed, `keeps_alive` is off.
  std::function<void(const Error*)> put_idle_conn{};

  /// A lookup begins; never for IP literals.
  std::function<void(std::string_view host)> dns_start{};
  std::function<void(const DnsDoneInfo&)> dns_done{};
  /// Around each single-address connect; `network` is `tcp4`, `tcp6` or `unix`. Several may be
  /// under way at once. An abandoned dial's `connect_done` carries an error of code `cancelled`.
  std::function<void(std::string_view network, const Address&)> connect_start{};
  std::function<void(std::string_view network, const Address&, const Error*)> connect_done{};
  /// Beyond Go: around CONNECT or SOCKS' negotiation. To an https proxy there is a TLS handshake
  /// before, with its own pair of hooks.
  std::function<void(std::string_view proxy)> proxy_start{};
  std::function<void(const Error*)> proxy_done{};
  std::function<void()> tls_handshake_start{};
  /// Exactly one of the two is not null.
  std::function<void(const TlsInfo*, const Error*)> tls_handshake_done{};

  /// For each field of the head, in order, before its first byte is queued.
  std::function<void(std::string_view name, std::string_view value)> wrote_header_field{};
  /// The kernel took the last byte of the head, and of the first 16 KiB of a body: a body no larger
  /// goes out in the head's write.
  std::function<void()> wrote_headers{};
  /// The head with `Expect: 100-continue` is sent, and the body now waits.
  std::function<void()> wait_100_continue{};
  /// The kernel took the last byte of head and body, or that failed.
  std::function<void(const WroteRequestInfo&)> wrote_request{};

  /// The first byte of the first response head, interim ones included.
  std::function<void()> got_first_response_byte{};
  /// A 1xx response other than 101; for 100, `got_100_continue` runs first.
  std::function<void(int status, const Headers&)> got_1xx_response{};
  std::function<void()> got_100_continue{};
  /// Beyond Go: the final response's head.
  std::function<void(const Response&)> got_response_head{};
  /// Beyond Go: the attempt is over, well or badly; the timeline is complete.
  std::function<void(const Timeline&)> request_done{};

  /// Beyond Go: the answer leads on to `to`; the hooks begin anew with `get_conn`.
  std::function<void(int status, const Url& to)> redirected{};
  /// Beyond Go: the request is sent again; the hooks begin anew with `get_conn`.
  std::function<void(const RetryInfo&)> retry_scheduled{};
  /// Beyond Go: a rival is about to start (`RacePolicy`); its hooks run beside those of the others.
  std::function<void(const RaceInfo&)> race_started{};
  /// Beyond Go: another attempt was final, so that this one is cancelled.
  std::function<void(int attempt)> attempt_redundant{};

  /// Every hook in one callback, for those who want everything without naming it: hooks that later
  /// versions add reach it without a change. The event and its fields are valid until `sink`
  /// returns. Header values and query strings are not among the fields.
  static ClientTrace to_logger(std::function<void(const TraceEvent&)> sink);

  /// Both sets of hooks in one: per hook, `newer` runs first, then `older`. Neither argument is
  /// modified.
  static ClientTrace compose(const ClientTrace& newer, const ClientTrace& older);
};

}  // namespace xtrace
