#include "cli/json_fields.h"

namespace xtrace::cli {

void JsonFields::text(std::string_view name, std::string_view value) {
  key(name);
  string(value);
}

void JsonFields::text_or_null(std::string_view name, std::string_view value) {
  if (value.empty()) {
    null_member(name);
  } else {
    text(name, value);
  }
}

void JsonFields::number_of(std::string_view name, std::int64_t value) {
  key(name);
  integer(value);
}

void JsonFields::count(std::string_view name, std::uint64_t value) {
  key(name);
  unsigned_integer(value);
}

void JsonFields::flag(std::string_view name, bool value) {
  key(name);
  boolean(value);
}

void JsonFields::null_member(std::string_view name) {
  key(name);
  null();
}

void JsonFields::error(const std::optional<Error>& error) {
  if (!error) {
    null_member("error");
    return;
  }
  key("error");
  begin_object();
  text("code", to_string(error->code));
  text_or_null("phase", error->phase == Phase::none ? std::string_view{} : to_string(error->phase));
  text("message", error->message);
  end_object();
}

void JsonFields::status(const std::optional<Response>& response) {
  if (response) {
    number_of("status", response->status);
  } else {
    null_member("status");
  }
}

}  // namespace xtrace::cli
