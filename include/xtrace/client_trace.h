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

struct ClientTrace {
  /// Before a connection is looked for; `host:port` of the target.
  std::function<void(std::string_view host_port)> get_conn{};
  /// A usable connection is in hand (dial and TLS done, or one was lent).
  std::function<void(const GotConnInfo&)> got_conn{};
  /// Beyond Go: no connection could be had.
  std::function<void(const Error&)> got_conn_failed{};

  /// A lookup begins; never for IP literals.
  std::function<void(std::string_view host)> dns_start{};
  std::function<void(const DnsDoneInfo&)> dns_done{};
  /// Around each single-address connect; `network` is `tcp4`, `tcp6` or `unix`. Several may be
  /// under way at once. An abandoned dial's `connect_done` carries an error of code `cancelled`.
  std::function<void(std::string_view network, const Address&)> connect_start{};
  std::function<void(std::string_view network, const Address&, const Error*)> connect_done{};
  std::function<void()> tls_handshake_start{};
  /// Exactly one of the two is not null.
  std::function<void(const TlsInfo*, const Error*)> tls_handshake_done{};

  /// For each field of the head, in order, before its first byte is queued.
  std::function<void(std::string_view name, std::string_view value)> wrote_header_field{};
  /// The kernel took the last byte of the head, and of the first 16 KiB of a body: a body no larger
  /// goes out in the head's write.
  std::function<void()> wrote_headers{};
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

  /// Both sets of hooks in one: per hook, `newer` runs first, then `older`. Neither argument is
  /// modified.
  static ClientTrace compose(const ClientTrace& newer, const ClientTrace& older);
};

}  // namespace xtrace
