#include "net/tls_offer.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <utility>

#include "net/tls_files.h"
#include "net/tls_library.h"

namespace xtrace::tls {

namespace {

// RFC 7301 section 3.1: a name has 1 to 255 bytes, the list with their lengths at most 65,535.
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestList = 65535;

std::string list_range(TlsVersion oldest, TlsVersion newest) {
  return oldest == newest ? to_string(oldest) : to_string(oldest) + " to " + to_string(newest);
}

Expected<void> check_protocols(const std::vector<std::string>& names) {
  const auto is_bad = [](const std::string& name) {
    return name.empty() || name.size() > kLongestName;
  };
  if (std::any_of(names.begin(), names.end(), is_bad)) {
    return config_error("offer protocols by ALPN: a name must have 1 to 255 bytes");
  }
  const std::size_t size =
      std::accumulate(names.begin(), names.end(), std::size_t{0},
                      [](std::size_t sum, const auto& name) { return sum + 1 + name.size(); });
  if (size > kLongestList) {
    return config_error("offer protocols by ALPN: the list is longer than 65,535 bytes");
  }
  return {};
}

}  // namespace

Expected<Offer> make_offer(const TlsConfig& config) {
  if (config.oldest > config.newest) {
    return config_error("offer TLS versions: the oldest, " + to_string(config.oldest) +
                        ", is newer than the newest, " + to_string(config.newest));
  }
  Offer offer;
  offer.oldest = std::max(config.oldest, kOldestVersion);
  offer.newest = std::min(config.newest, kNewestVersion);
  if (offer.oldest > offer.newest) {
    return config_error("offer " + list_range(config.oldest, config.newest) +
                        ": the TLS library of this build speaks " +
                        list_range(kOldestVersion, kNewestVersion) + " only");
  }
  offer.is_short_of_newest = config.newest > kNewestVersion;
  if (const auto checked = check_protocols(config.alpn); !checked) return checked.error();
  offer.protocols = config.alpn;
  return offer;
}

std::string to_string(TlsVersion version) {
  constexpr auto kNames = std::to_array<std::string_view>({"1.0", "1.1", "1.2", "1.3"});
  return "TLS " + std::string(kNames[static_cast<std::size_t>(version)]);
}

std::string list_versions(const Offer& offer) {
  return list_range(offer.oldest, offer.newest);
}

std::string list_protocols(const Offer& offer) {
  std::string list;
  for (const auto& name : offer.protocols) {
    if (!list.empty()) list += ", ";
    list += printable(name);
  }
  return list;
}

}  // namespace xtrace::tls
