#include "http/server_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "http/characters.h"

namespace xtrace {

namespace {

constexpr auto kReasons = std::to_array<std::pair<int, std::string_view>>({
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
});

constexpr auto kDayNames =
    std::to_array<std::string_view>({"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"});
constexpr auto kMonthNames = std::to_array<std::string_view>(
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_two_digits(std::string& out, int number) {
  out += static_cast<char>('0' + number / 10);
  out += static_cast<char>('0' + number % 10);
}

void append_clean(std::string& out, std::string_view value) {
  const std::size_t begin = out.size();
  out += value;
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
      [](char c) { return !is_field_character(c); }, ' ');
}

}  // namespace

std::string_view reason_of(int status) {
  const auto found =
      std::ranges::lower_bound(kReasons, status, {}, &decltype(kReasons)::value_type::first);
  return found != kReasons.end() && found->first == status ? found->second : std::string_view();
}

bool is_servers_own_field(std::string_view name) {
  for (const std::string_view own :
       {"Connection", "Content-Length", "Date", "Keep-Alive", "Transfer-Encoding"}) {
    if (equals_ignoring_case(name, own)) return true;
  }
  return false;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (!is_token(name)) return;
  out.append(name).append(": ");
  append_clean(out, value);
  out += "\r\n";
}

std::string_view DateText::now() {
  const std::time_t second = std::time(nullptr);
  if (second == std::exchange(second_, second)) return text_;
  std::tm parts{};
  gmtime_r(&second, &parts);
  text_.clear();
  text_.append(kDayNames[static_cast<std::size_t>(parts.tm_wday)]).append(", ");
  append_two_digits(text_, parts.tm_mday);
  text_.append(" ").append(kMonthNames[static_cast<std::size_t>(parts.tm_mon)]).append(" ");
  append_number(text_, static_cast<std::uint64_t>(parts.tm_year) + 1900);
  text_ += ' ';
  append_two_digits(text_, parts.tm_hour);
  text_ += ':';
  append_two_digits(text_, parts.tm_min);
  text_ += ':';
  append_two_digits(text_, parts.tm_sec);
  text_ += " GMT";
  return text_;
}

void begin_head(std::string& out, int status, std::string_view date) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(status));
  out.append(" ").append(reason_of(status)).append("\r\nDate: ").append(date).append("\r\n");
}

void append_framing(std::string& out, const AnswerFraming& framing) {
  if (framing.content_length) {
    out += "Content-Length: ";
    append_number(out, *framing.content_length);
    out += "\r\n";
  } else if (framing.is_chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  }
}

}  // namespace xtrace
