#include "collect/value_reader.h"

#include <charconv>
#include <cmath>

namespace xtrace::collect {

namespace {

std::optional<double> finite(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return is_whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

bool may_begin_number(char first) {
  return (first >= '0' && first <= '9') || first == '-' || first == 'N' || first == 'I';
}

}  // namespace

ValueReader::ValueReader(std::string_view json, std::deque<std::string>& decoded)
    : json_(json), cursor_(json), decoded_(decoded) {
  cursor_.collect_non_numbers(&non_numbers_);
}

std::string_view ValueReader::text() {
  if (token() != '"') {
    skip();
    return {};
  }
  const std::optional<JsonText> text = cursor_.string();
  if (!text) return {};
  return text->has_escapes ? decoded_.emplace_back(text->decode()) : text->raw;
}

std::optional<double> ValueReader::number() {
  if (!may_begin_number(token())) {
    skip();
    return std::nullopt;
  }
  const std::optional<std::string_view> number = cursor_.number();
  return number ? finite(*number) : std::nullopt;
}

std::optional<std::int64_t> ValueReader::count() {
  constexpr double kMost = 9e15;  // Whole numbers are exact in a double up to here.
  const std::optional<double> value = token() == '"' ? finite(text()) : number();
  if (!value || *value < 0 || *value > kMost) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

bool ValueReader::flag() {
  const char first = token();
  if (first == 't' || first == 'f') return cursor_.boolean().value_or(false);
  skip();
  return false;
}

std::string_view ValueReader::block(char bracket) {
  const bool is_wanted = token() == bracket;
  const std::size_t begin = cursor_.offset();
  skip();
  return is_wanted && goes_on() ? json_.substr(begin, cursor_.offset() - begin)
                                : std::string_view();
}

}  // namespace xtrace::collect
