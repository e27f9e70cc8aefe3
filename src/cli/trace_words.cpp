#include "cli/trace_words.h"

#include <array>
#include <cmath>
#include <ctime>

#include "cli/redaction.h"

namespace xtrace::cli {

namespace {

/// Where the authority begins; 0 where there is no scheme.
std::size_t authority_begin(std::string_view url) {
  const std::size_t at = url.find("://");
  return at == std::string_view::npos ? 0 : at + 3;
}

std::string mask_query(std::string_view text) {
  const std::size_t at = text.find_first_of("?#");
  if (at == std::string_view::npos) return std::string(text);
  return std::string(text.substr(0, at + 1)).append(kMask);
}

}  // namespace

char letter_of(const Flags& flags) {
  if (flags.fault) return 'F';
  if (flags.throttle) return 'T';
  return flags.error ? 'E' : ' ';
}

Role role_of_flags(const Flags& flags) {
  if (flags.fault) return Role::fault;
  if (flags.throttle) return Role::throttle;
  return flags.error ? Role::error : Role::good;
}

std::string shown_url(std::string_view url) {
  const std::size_t begin = authority_begin(url);
  const std::string_view rest = url.substr(begin);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::size_t user = begin == 0 ? std::string_view::npos : authority.rfind('@');
  if (user == std::string_view::npos) return mask_query(url);
  return std::string(url.substr(0, begin)).append(kMask) + mask_query(rest.substr(user));
}

std::string shown_path(std::string_view url) {
  const std::size_t begin = authority_begin(url);
  if (begin == 0) return mask_query(url);
  const std::size_t path = url.find_first_of("/?#", begin);
  return path == std::string_view::npos ? "/" : mask_query(url.substr(path));
}

Duration duration_of_seconds(double seconds) {
  // Documents may say anything, and a century is more than any picture shows.
  constexpr double kMost = 3.2e9;
  if (!(seconds > -kMost)) return Duration::zero();
  return std::chrono::round<Duration>(std::chrono::duration<double>(std::min(seconds, kMost)));
}

std::string clock_time(double epoch_seconds) {
  constexpr double kLast = 253402300799.0;  // of the year 9999
  if (!(epoch_seconds >= 0 && epoch_seconds <= kLast)) return "--:--:--";
  const auto seconds = static_cast<std::time_t>(epoch_seconds);
  std::tm parts{};
  if (localtime_r(&seconds, &parts) == nullptr) return "--:--:--";
  std::array<char, 16> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%H:%M:%S", &parts);
  return {text.data(), size};
}

}  // namespace xtrace::cli
