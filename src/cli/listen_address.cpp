#include "cli/listen_address.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "base/ascii.h"

namespace xtrace::cli {

namespace {

Error bad_place(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return port;
}

struct SizeUnit {
  std::string_view name;
  double bytes;
};
constexpr auto kSizeUnits = std::to_array<SizeUnit>({{"", 1},
                                                     {"b", 1},
                                                     {"k", 1e3},
                                                     {"kb", 1e3},
                                                     {"m", 1e6},
                                                     {"mb", 1e6},
                                                     {"g", 1e9},
                                                     {"gb", 1e9},
                                                     {"kib", 1024.0},
                                                     {"mib", 1024.0 * 1024},
                                                     {"gib", 1024.0 * 1024 * 1024}});

}  // namespace

Expected<std::optional<Address>> parse_listen_address(std::string_view text) {
  if (text == "none" || text == "off") return std::optional<Address>();
  const std::size_t colon = text.rfind(':');
  const bool has_host = colon != std::string_view::npos && colon > 0;
  const auto port = read_port(colon == std::string_view::npos ? text : text.substr(colon + 1));
  std::string_view host = has_host ? text.substr(0, colon) : "127.0.0.1";
  if (host == "localhost") host = "127.0.0.1";
  const bool is_bare_ipv6 = host.find(':') != std::string_view::npos && !host.starts_with('[');
  if (!port || is_bare_ipv6) {
    return bad_place("it is not a port, an address such as 127.0.0.1:2000 or [::1]:2000, or none");
  }
  auto address = Address::from_ip(host, *port);
  if (!address) {
    return bad_place(
        "its host is not an IP address, and names are not looked up but for localhost");
  }
  return std::optional<Address>(*address);
}

Expected<std::size_t> parse_size(std::string_view text) {
  constexpr double kMost = 1e15;
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  const std::string_view unit(read.ptr, static_cast<std::size_t>(end - read.ptr));
  for (const SizeUnit& known : kSizeUnits) {
    const double bytes = number * known.bytes;
    if (read.ec != std::errc{} || !same_word(unit, known.name)) continue;
    if (bytes >= 1 && bytes <= kMost) return static_cast<std::size_t>(bytes);
  }
  return bad_place("it is not a size such as 512MB, 64MiB or 1.5GB");
}

}  // namespace xtrace::cli
