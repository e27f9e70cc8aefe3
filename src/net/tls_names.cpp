#include "net/tls_names.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <xtrace/address.h>

namespace xtrace::tls {

namespace {

constexpr int kDnsName = 2;
constexpr int kIpAddress = 7;
constexpr std::size_t kNamesShown = 4;

int kind_of(const mbedtls_asn1_buf& entry) {
  return entry.tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
}

bool is_same(std::span<const unsigned char> left, std::span<const std::uint8_t> right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

std::string print_address(std::span<const unsigned char> bytes) {
  if (std::array<std::uint8_t, 4> v4{}; bytes.size() == v4.size()) {
    std::copy(bytes.begin(), bytes.end(), v4.begin());
    return Address::from_ipv4(v4, 0).host();
  }
  if (std::array<std::uint8_t, 16> v6{}; bytes.size() == v6.size()) {
    std::copy(bytes.begin(), bytes.end(), v6.begin());
    return Address::from_ipv6(v6, 0).host();
  }
  return {};
}

std::string common_name(const mbedtls_x509_name& subject) {
  for (const mbedtls_x509_name* part = &subject; part != nullptr; part = part->next) {
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &part->oid) == 0) return printable(text_of(part->val));
  }
  return {};
}

std::vector<std::string> names_of(const mbedtls_x509_crt& certificate) {
  std::vector<std::string> names;
  const mbedtls_x509_sequence* entry = &certificate.subject_alt_names;
  for (; entry != nullptr; entry = entry->next) {
    if (entry->buf.p == nullptr) continue;
    std::string name;
    if (kind_of(entry->buf) == kDnsName) name = printable(text_of(entry->buf));
    if (kind_of(entry->buf) == kIpAddress) name = print_address(bytes_of(entry->buf));
    if (!name.empty()) names.push_back(std::move(name));
  }
  if (!names.empty()) return names;
  if (auto name = common_name(certificate.subject); !name.empty()) names.push_back(std::move(name));
  return names;
}

}  // namespace

std::string to_string(const mbedtls_x509_name& name) {
  std::array<char, 512> text{};
  if (mbedtls_x509_dn_gets(text.data(), text.size(), &name) < 0) return "(a name too long to show)";
  return printable(text.data());
}

WallTime to_wall(const mbedtls_x509_time& time) {
  using namespace std::chrono;
  const sys_days date = year(time.year) / month(static_cast<unsigned>(time.mon)) /
                        day(static_cast<unsigned>(time.day));
  const sys_seconds moment = date + hours(time.hour) + minutes(time.min) + seconds(time.sec);
  // A certificate for ever says 9999, which nanoseconds since 1970 do not reach.
  return std::clamp(moment, ceil<seconds>(WallTime::min()), floor<seconds>(WallTime::max()));
}

bool is_ip_address(const std::string& name) {
  return Address::from_ip(name, 0).has_value();
}

bool names_address(const mbedtls_x509_crt& certificate, const std::string& ip) {
  const auto address = Address::from_ip(ip, 0);
  if (!address) return false;
  const auto v4 =
      address->family() == Address::Family::ipv4 ? std::optional(address->ipv4()) : std::nullopt;
  const auto v6 = v4 ? std::nullopt : std::optional(address->ipv6());
  const mbedtls_x509_sequence* entry = &certificate.subject_alt_names;
  for (; entry != nullptr; entry = entry->next) {
    if (entry->buf.p == nullptr || kind_of(entry->buf) != kIpAddress) continue;
    if (v4 ? is_same(bytes_of(entry->buf), *v4) : is_same(bytes_of(entry->buf), *v6)) return true;
  }
  return false;
}

std::string list_names(const mbedtls_x509_crt& certificate) {
  const std::vector<std::string> names = names_of(certificate);
  if (names.empty()) return "no name at all";
  std::string list;
  const std::size_t shown = std::min(names.size(), kNamesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i != 0) list += ", ";
    list += names[i];
  }
  if (names.size() > shown) list += " and " + std::to_string(names.size() - shown) + " more";
  return list;
}

}  // namespace xtrace::tls
