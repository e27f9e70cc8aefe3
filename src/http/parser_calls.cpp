#include <span>

#include "http/characters.h"
#include "http/parser_errors.h"
#include "http/parser_impl.h"

namespace xtrace {

namespace {

constexpr std::size_t kUsualFieldCount = 16;

}  // namespace

llhttp_settings_t ResponseParser::Impl::make_settings() {
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_status = [](llhttp_t* caller, const char* at, std::size_t length) noexcept {
    of(caller).response.reason.append(at, length);
    return 0;
  };
  settings.on_header_field = [](llhttp_t* caller, const char* at, std::size_t length) noexcept {
    of(caller).field_name.append(at, length);
    return 0;
  };
  settings.on_header_value = [](llhttp_t* caller, const char* at, std::size_t length) noexcept {
    of(caller).field_value.append(at, length);
    return 0;
  };
  settings.on_body = [](llhttp_t* caller, const char* at, std::size_t length) noexcept {
    of(caller).give({at, length});
    return 0;
  };
  settings.on_status_complete = call<&Impl::on_status_complete>;
  settings.on_header_value_complete = call<&Impl::on_field_complete>;
  settings.on_headers_complete = call<&Impl::on_headers_complete>;
  settings.on_message_complete = call<&Impl::on_message_complete>;
  return settings;
}

void ResponseParser::Impl::init_machine() {
  static const llhttp_settings_t settings = make_settings();
  llhttp_init(&machine, HTTP_RESPONSE, &settings);
  machine.data = this;
}

int ResponseParser::Impl::on_status_complete() {
  events->on_status_line(machine.status_code);
  return 0;
}

int ResponseParser::Impl::on_field_complete() {
  Headers& fields = state == State::chunked_body ? trailers : response.headers;
  if (fields.empty()) fields.reserve(kUsualFieldCount);
  fields.add(field_name, trim(field_value));
  field_name.clear();
  field_value.clear();
  return 0;
}

// llhttp takes 0 for "read the body as announced", 1 for "there is none", -1 for "stop".
int ResponseParser::Impl::on_headers_complete() {
  response.status = machine.status_code;
  response.version_minor = machine.http_minor;
  if ((machine.flags & F_CONTENT_LENGTH) != 0) response.content_length = machine.content_length;
  if (!check_head()) return -1;
  is_interim = response.status < 200;
  if (is_interim) return 1;

  framing = framing_of(method, response);
  keeps_alive = xtrace::keeps_alive(response, framing);
  begin_body();
  events->on_head(std::move(response));
  return framing == Framing::none ? 1 : 0;
}

// Content-Length was judged by llhttp on the way. Of Transfer-Encoding both must think the same:
// llhttp 8.1 does not see `chunked` before a tab and would read until the end of the connection.
bool ResponseParser::Impl::check_head() {
  const bool is_chunked = (machine.flags & F_CHUNKED) != 0;
  if (has_other_coding(response.headers) ||
      is_chunked != response.headers.contains("Transfer-Encoding")) {
    fail(refused_coding());
  } else if (response.status == 101) {
    fail(refused_upgrade());
  } else if (response.status < 200 && interims == limits.interim_responses) {
    fail(too_many_interim_responses(limits.interim_responses));
  }
  return !failure;
}

void ResponseParser::Impl::begin_body() {
  switch (framing) {
    case Framing::none:
      break;
    case Framing::sized:
      announced = *response.content_length;
      state = State::sized_body;
      break;
    case Framing::until_end:
      state = State::endless_body;
      break;
    case Framing::chunked:
      state = State::chunked_body;
      chunks.begin(limits.head_bytes);
      break;
  }
}

void ResponseParser::Impl::give(std::string_view piece) {
  body_size += piece.size();
  events->on_body(std::as_bytes(std::span(piece)));
}

int ResponseParser::Impl::on_message_complete() {
  is_message_done = true;
  return HPE_PAUSED;  // which makes llhttp tell where the message ended
}

}  // namespace xtrace
