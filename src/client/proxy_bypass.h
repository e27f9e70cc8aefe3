#pragma once

/// `ProxyBypass` knows who is reached without a proxy: the list of `NO_PROXY`, as Go reads it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/http.h>

namespace xtrace {

/// A value; immutable once parsed.
class ProxyBypass {
 public:
  /// `list` is `ProxyConfig::no_proxy`. Entries that make no sense are passed over, as they are
  /// everywhere: the list is written for many programs.
  static ProxyBypass parse(std::string_view list);

  /// Whether the origin of `url` is on the list. Allocates nothing.
  bool has(const Url& url) const;

 private:
  using Bits = std::array<std::uint8_t, 16>;

  /// A CIDR block, or one address. IPv4 is IPv4-mapped.
  struct Block {
    Bits bits{};
    int prefix = 128;
    bool is_ipv4 = false;
    std::optional<std::uint16_t> port{};
  };
  struct Name {
    std::string suffix{};  ///< With the dot before it.
    bool has_itself = false;
    std::optional<std::uint16_t> port{};
  };

  void add(std::string_view entry);
  void add_name(std::string_view name, std::optional<std::uint16_t> port);
  static std::optional<Block> parse_block(std::string_view text);
  static std::optional<Block> to_block(std::string_view literal);
  static bool contains(const Block& block, const Block& address);

  bool has_all_ = false;
  std::vector<Block> blocks_;
  std::vector<Name> names_;
};

}  // namespace xtrace
