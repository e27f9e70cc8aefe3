#pragma once

/// Reports as literals: every shape a request can have, with times that are easy to read in a
/// picture.

#include "cli/report.h"

namespace xtrace::testing {

/// http to a name, from a cold start; nobody listens for the trace.
cli::Report plain_http();
/// The request of the README: https, two addresses, sent.
cli::Report plain_https();
/// IPv6 is silent, IPv4 wins after its 250 ms head start.
cli::Report silent_ipv6();
/// IPv6 refuses, IPv4 is dialled at once.
cli::Report refused_ipv6();
/// The second request on a connection: neither dns nor tcp nor tls.
cli::Report reused_connection();
/// Over a Unix socket with a long path.
cli::Report unix_socket();
/// An address literal, so no lookup; 404, and --fail.
cli::Report judged_not_found();

cli::Report failed_url();
cli::Report failed_dns();
cli::Report failed_dial();
/// -4 for an IPv6 literal: nothing was dialled.
cli::Report failed_family();
/// Both addresses silent until --connect-timeout.
cli::Report timed_out_dial();
cli::Report failed_tls();
cli::Report failed_request();
cli::Report failed_response();
/// Screen 2 of the design: connected, sent, then silence until -m.
cli::Report timed_out_response();
cli::Report failed_body();
/// Ctrl-C while waiting.
cli::Report interrupted();

/// The server answers 413 in the middle of an upload.
cli::Report early_response();
/// 103 twice before the 200.
cli::Report early_hints();
cli::Report head_request();
cli::Report no_content();
/// 340 us on loopback, with the small gaps that real timelines have.
cli::Report tiny();
/// More than three minutes.
cli::Report huge();
/// A lookup that waited for a thread, a late loop, a certificate about to expire.
cli::Report strained();
/// Header values, reason, host and certificate names that try to steer the terminal.
cli::Report hostile();
cli::Report unsampled();

/// http leads to https by a 301 on a connection of its own, and that to another path by a 302.
cli::Report redirected();
/// A kept connection turned out to be dead; the request was sent again on a new one.
cli::Report sent_again();
/// The third redirect was one too many.
cli::Report too_many_redirects();
/// https through a tunnel.
cli::Report through_proxy();
/// The proxy says 407.
cli::Report refused_by_proxy();
/// Server-Timing and gzip.
cli::Report told_by_server();
/// Two goals of --slo, of which one was not kept.
cli::Report missed_goal();
/// 503 with Retry-After.
cli::Report asked_to_come_back();
/// An upload that waited for 100 Continue in vain.
cli::Report waited_to_continue();

}  // namespace xtrace::testing
