#pragma once

/// The inside of `ResponseParser`. Bytes go through the `LineScanner`, section by section, and then
/// to llhttp; what llhttp finds comes back through its calls, changes `state`, and goes on to the
/// events.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <llhttp.h>

#include "http/framing.h"
#include "http/line_scanner.h"
#include "http/parser.h"

namespace xtrace {

struct ResponseParser::Impl {
  using Section = LineScanner::Section;
  enum class State { lines, sized_body, endless_body, chunk, complete, failed };

  Impl(std::string_view its_method, ParserLimits its_limits, ResponseEvents& its_events)
      : limits(its_limits), events(&its_events), method(its_method) {
    begin_head();
  }

  void reset(std::string_view its_method, ResponseEvents& its_events);

  // parser.cpp: bytes in, and ends.
  Expected<std::size_t> feed(std::string_view bytes);
  Expected<void> finish();

  void begin_head();
  void begin_lines(Section next);
  std::size_t limit_of(Section lines) const;
  std::size_t take_lines(std::string_view bytes);
  void end_lines(std::string_view last_bytes);
  std::size_t take_chunk(std::string_view bytes);
  std::size_t parse(std::string_view bytes);
  void end_message();

  // parser_calls.cpp: what llhttp calls.
  static llhttp_settings_t make_settings();
  void init_machine();
  int on_status_complete();
  int on_field_complete();
  int on_headers_complete();
  bool check_head();
  void begin_body();
  int on_chunk_header();
  int on_message_complete();

  void fail(Error error);
  void fail_parse(llhttp_errno_t reason);
  Error cut_error() const;

  static Impl& of(llhttp_t* caller) { return *static_cast<Impl*>(caller->data); }
  template <int (Impl::*kMember)()>
  static int call(llhttp_t* caller) noexcept {
    return (of(caller).*kMember)();
  }

  const ParserLimits limits;
  ResponseEvents* events;
  std::string method;

  State state = State::lines;
  Section section = Section::head;  // of the lines being read
  LineScanner scanner;
  llhttp_t machine{};
  bool is_message_done = false;  // llhttp said so within the current `parse`
  std::optional<Error> failure;

  Response response;  // whose head is being read
  bool is_interim = false;
  int interims = 0;
  Headers trailers;
  std::string field_name;
  std::string field_value;
  std::size_t head_size = 0;
  Framing framing = Framing::none;
  bool keeps_alive = false;
  std::uint64_t announced = 0;  // of a sized body
  std::uint64_t body_size = 0;
  std::uint64_t chunk_left = 0;
};

}  // namespace xtrace
