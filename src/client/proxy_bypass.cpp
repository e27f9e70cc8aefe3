#include "client/proxy_bypass.h"

#include <algorithm>
#include <charconv>

#include <xtrace/address.h>

#include "base/ascii.h"

namespace xtrace {

namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;

struct Entry {
  std::string_view host;
  std::optional<std::uint16_t> port;
};

// Nothing where there is more or less than a number from 0 to `most`.
std::optional<int> parse_number(std::string_view text, int most) {
  int number = -1;
  const char* const end = text.data() + text.size();
  const auto [last, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || last != end || number < 0 || number > most) return std::nullopt;
  return number;
}

// `host`, `host:port`, `[v6]`, `[v6]:port`; more colons without brackets are an IPv6 address.
std::optional<Entry> split_port(std::string_view text) {
  std::size_t end = text.size();
  Entry entry{.host = text, .port = std::nullopt};
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    entry.host = text.substr(1, bracket - 1);
    end = bracket + 1;
  } else if (std::ranges::count(text, ':') == 1) {
    end = text.find(':');
    entry.host = text.substr(0, end);
  }
  if (end == text.size()) return entry;
  if (text[end] != ':') return std::nullopt;
  const std::string_view digits = text.substr(end + 1);
  if (digits.empty()) return entry;
  const std::optional<int> port = parse_number(digits, 65535);
  if (!port) return std::nullopt;
  entry.port = static_cast<std::uint16_t>(*port);
  return entry;
}

bool is_port(const std::optional<std::uint16_t>& wanted, const Url& url) {
  return !wanted || *wanted == url.port();
}

// A zone says on which interface, and not who.
std::string_view without_zone(std::string_view host) {
  return host.substr(0, host.find('%'));
}

}  // namespace

ProxyBypass ProxyBypass::parse(std::string_view list) {
  ProxyBypass bypass;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    bypass.add(trim(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return bypass;
}

void ProxyBypass::add(std::string_view entry) {
  if (entry == "*") {
    has_all_ = true;
    return;
  }
  const std::optional<Entry> parts = split_port(entry);
  if (!parts || parts->host.empty()) return;
  if (std::optional<Block> block = parse_block(parts->host)) {
    block->port = parts->port;
    blocks_.push_back(*block);
    return;
  }
  add_name(parts->host, parts->port);
}

void ProxyBypass::add_name(std::string_view name, std::optional<std::uint16_t> port) {
  if (name.starts_with("*.")) name.remove_prefix(1);
  Name rule{.suffix = {}, .has_itself = !name.starts_with('.'), .port = port};
  if (rule.has_itself) rule.suffix = ".";
  rule.suffix += name;
  std::ranges::transform(rule.suffix, rule.suffix.begin(), to_lower);
  names_.push_back(std::move(rule));
}

std::optional<ProxyBypass::Block> ProxyBypass::parse_block(std::string_view text) {
  const std::size_t slash = text.find('/');
  std::optional<Block> block = to_block(text.substr(0, slash));
  if (!block || slash == std::string_view::npos) return block;
  // An IPv4-mapped address has a prefix of IPv6's, since it is written as IPv6.
  const bool is_dotted = text.find(':') == std::string_view::npos;
  const std::optional<int> prefix = parse_number(text.substr(slash + 1), is_dotted ? 32 : 128);
  if (!prefix) return std::nullopt;
  block->prefix = *prefix + (is_dotted ? kMappedBits : 0);
  block->is_ipv4 = block->is_ipv4 && block->prefix >= kMappedBits;
  return block;
}

std::optional<ProxyBypass::Block> ProxyBypass::to_block(std::string_view literal) {
  const Expected<Address> address = Address::from_ip(literal, 0);
  if (!address) return std::nullopt;
  Block block;
  if (address->family() == Address::Family::ipv4) {
    std::ranges::copy(kMapped, block.bits.begin());
    std::ranges::copy(address->ipv4(), block.bits.begin() + kMapped.size());
  } else {
    block.bits = address->ipv6();
  }
  block.is_ipv4 = std::equal(kMapped.begin(), kMapped.end(), block.bits.begin());
  return block;
}

bool ProxyBypass::contains(const Block& block, const Block& address) {
  if (block.is_ipv4 != address.is_ipv4) return false;
  const auto whole = static_cast<std::size_t>(block.prefix / 8);
  const auto mask = static_cast<std::uint8_t>(0xff00U >> static_cast<unsigned>(block.prefix % 8));
  if (!std::equal(block.bits.begin(), block.bits.begin() + whole, address.bits.begin()))
    return false;
  return mask == 0 || ((block.bits[whole] ^ address.bits[whole]) & mask) == 0;
}

bool ProxyBypass::has(const Url& url) const {
  if (has_all_) return true;
  if (url.host_is_ip() && !blocks_.empty()) {
    const std::optional<Block> address = to_block(without_zone(url.host()));
    const bool is_listed = address && std::ranges::any_of(blocks_, [&](const Block& block) {
                             return is_port(block.port, url) && contains(block, *address);
                           });
    if (is_listed) return true;
  }
  return std::ranges::any_of(names_, [&url](const Name& name) {
    const std::string_view host = url.host();
    const std::string_view itself = std::string_view(name.suffix).substr(1);
    return is_port(name.port, url) &&
           (host.ends_with(name.suffix) || (name.has_itself && host == itself));
  });
}

}  // namespace xtrace
