#pragma once

/// What the reports of reports.h are made of. Times are in tenths of a millisecond: what the
/// pictures print.

#include <chrono>
#include <cstdint>
#include <string_view>

#include "cli/report.h"

namespace xtrace::testing {

constexpr Duration tenths(std::int64_t count) {
  return std::chrono::microseconds(count * 100);
}

Span span(std::int64_t begin, std::int64_t end, Outcome outcome = Outcome::ok);
Address ip(std::string_view literal, std::uint16_t port);
void dial(Timeline& timeline, const Address& address, const Span& when);
cli::AttemptReport& attempt_of(cli::Report& report);
Timeline& timeline_of(cli::Report& report);
TlsInfo tls_info();
Response response(int status, std::string_view reason);
cli::EmitReport sent(std::size_t subsegments, std::size_t bytes);
/// One attempt without a phase yet; nobody listens for the trace.
cli::Report base(std::string_view method, std::string_view url, std::int64_t total);
void answer(cli::Report& report, int status, std::string_view reason, std::uint64_t bytes);
/// dns until 11.8 ms, tcp until 30.2, and for https tls until 69.9; the connection is usable then.
cli::Report connected(std::string_view method, std::string_view url, std::int64_t total);
/// request, wait and body, the last until the end.
void exchange(cli::Report& report, std::int64_t begin, std::int64_t sent_at,
              std::int64_t first_byte);

}  // namespace xtrace::testing
