#pragma once

/// The inside of `ResponseParser`. A head goes through the `LineScanner` and then to llhttp; what
/// llhttp finds comes back through its calls, changes `state`, and goes on to the events. Of a
/// chunked body, which `ChunkedBody` reads, llhttp gets the last chunk and the trailers.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <llhttp.h>

#include "http/chunked_body.h"
#include "http/framing.h"
#include "http/line_scanner.h"
#include "http/parser.h"

namespace xtrace {

struct ResponseParser::Impl {
  enum class State { head, sized_body, endless_body, chunked_body, complete, failed };

  Impl(std::string_view its_method, ParserLimits its_limits, ResponseEvents& its_events)
      : limits(its_limits), events(&its_events), method(its_method) {
    begin_head();
  }

  void reset(std::string_view its_method, ResponseEvents& its_events);

  // parser.cpp: bytes in, and ends.
  Expected<std::size_t> feed(std::string_view bytes);
  Expected<void> finish();

  void begin_head();
  std::size_t take_head(std::string_view bytes);
  std::size_t take_chunked(std::string_view bytes);
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
  void give(std::string_view piece);
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

  State state = State::head;
  LineScanner scanner;  // of the head
  ChunkedBody chunks;
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
};

}  // namespace xtrace
