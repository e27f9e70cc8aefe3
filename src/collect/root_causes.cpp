#include "collect/root_causes.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <tuple>

namespace xtrace::collect {

namespace {

using Kind = RootCause::Kind;

constexpr std::array<Kind, 3> kKinds = {Kind::fault, Kind::error, Kind::throttle};

/// What is throttled is marked as an error too, and counts as what is said more exactly.
unsigned kinds_of(const Flags& flags) {
  const unsigned fault = flags.fault ? 1U << static_cast<unsigned>(Kind::fault) : 0U;
  const unsigned throttle = flags.throttle ? 1U << static_cast<unsigned>(Kind::throttle) : 0U;
  const bool is_error = flags.error && !flags.throttle;
  return fault | throttle | (is_error ? 1U << static_cast<unsigned>(Kind::error) : 0U);
}

/// The kinds that each node has and none below it.
std::vector<unsigned> deepest_kinds(const TraceTree& tree) {
  std::vector<unsigned> below(tree.nodes.size());
  std::vector<unsigned> kinds(tree.nodes.size());
  for (std::size_t index = tree.nodes.size(); index > 0; --index) {
    const TraceNode& node = tree.nodes[index - 1];
    const unsigned own = kinds_of(node.flags);
    kinds[index - 1] = own & ~below[index - 1];
    if (node.parent != TraceNode::kNone) below[node.parent] |= own | below[index - 1];
  }
  return kinds;
}

/// At most so many bytes, and whole characters.
std::string cut(std::string_view text) {
  constexpr std::size_t kMost = 500;
  std::size_t length = std::min(text.size(), kMost);
  const auto is_inside = [&text](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  while (length > 0 && is_inside(length)) --length;
  return std::string(text.substr(0, length));
}

std::vector<std::uint32_t> way_to(std::uint32_t index, const TraceTree& tree,
                                  const NodeServices& services) {
  std::vector<std::uint32_t> way;
  const auto add = [&way](std::uint32_t service) {
    if (service != EdgeVisit::kClient) way.push_back(service);
  };
  add(services.called[index]);
  for (std::uint32_t at = index; at != TraceNode::kNone;) {
    const std::uint32_t segment = tree.nodes[at].segment;
    add(services.own[segment]);
    at = tree.nodes[segment].parent;
  }
  std::ranges::reverse(way);
  way.shrink_to_fit();
  return way;
}

RootCause cause_of(std::uint32_t index, Kind kind, const TraceTree& tree,
                   const NodeServices& services) {
  const TraceNode& node = tree.nodes[index];
  RootCause cause{.kind = kind,
                  .services = way_to(index, tree, services),
                  .entity = std::string(node.name),
                  .type = {},
                  .message = {},
                  .is_remote = node.is_call()};
  if (node.exceptions.empty()) return cause;
  cause.type = cut(node.exceptions.front().type);
  cause.message = cut(node.exceptions.front().message);
  return cause;
}

bool is_same(const RootCause& left, const RootCause& right) {
  const auto key = [](const RootCause& cause) {
    return std::tie(cause.kind, cause.services, cause.entity, cause.type, cause.message);
  };
  return key(left) == key(right);
}

}  // namespace

std::vector<RootCause> find_root_causes(const TraceTree& tree, const NodeServices& services) {
  constexpr std::size_t kMost = 20;
  // Thousands that failed alike, deep below: each way would be walked to be known already.
  constexpr std::size_t kMostWays = 2000;
  std::vector<RootCause> causes;
  std::size_t ways = 0;
  const std::vector<unsigned> kinds = deepest_kinds(tree);
  for (std::uint32_t index = 0; index < kinds.size() && causes.size() < kMost; ++index) {
    for (const Kind kind : kKinds) {
      if ((kinds[index] & (1U << static_cast<unsigned>(kind))) == 0) continue;
      if (++ways > kMostWays) return causes;
      RootCause cause = cause_of(index, kind, tree, services);
      const auto same = [&cause](const RootCause& known) { return is_same(known, cause); };
      const bool is_new = std::ranges::none_of(causes, same);
      if (is_new && causes.size() < kMost) causes.push_back(std::move(cause));
    }
  }
  causes.shrink_to_fit();
  return causes;
}

}  // namespace xtrace::collect
