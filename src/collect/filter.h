#pragma once

/// `Filter` is one of X-Ray's filter expressions: `responsetime > 5 AND service("api") { fault }`.
///
/// The language is the one of the developer guide's "Using filter expressions"; docs/filters.md has
/// all of it. What the guide leaves open is decided so:
///
/// - NOT and `!` bind closer than AND, AND closer than OR; side by side means AND; round brackets
///   group. Keywords and operators have no case, texts and annotation keys have.
/// - `ok`, `error` and `fault` alone are the root segment's, as the service says: what a service
///   caught further down is found by `service() { fault }`. `throttle` alone is any segment's.
/// - A comparison holds where some value satisfies it: `user != "a"` finds traces with another
///   user, `!(user = "a")` those without this one. Where there is no value no comparison holds.
/// - A comparison with a number, a text or a boolean sees only annotations of that kind.
/// - `service(...) { ... }` holds where all that the braces say is true of one and the same segment
///   of the service, or of one call to it where it sent none.
///
/// What a `TraceDigest` does not tell (`coverage`, `json`, ...) is refused when it is parsed.

#include <cstddef>
#include <memory>
#include <string_view>

#include <xtrace/expected.h>

#include "collect/trace_digest.h"

namespace xtrace::collect {

struct FilterNode;

class Filter {
 public:
  /// More bytes than this are refused.
  static constexpr std::size_t kMaxLength = 16384;
  /// Brackets, braces and negations in one another, at most.
  static constexpr std::size_t kMaxDepth = 64;

  /// Takes every trace.
  Filter();
  /// Blank text takes every trace. Fails with `invalid_config`: one sentence that begins with the
  /// place (`column 14: `) and says what is wanted there, for the person who typed it.
  static Expected<Filter> parse(std::string_view text);

  /// Allocates nothing.
  bool matches(const TraceDigest& trace) const;
  bool takes_all() const { return root_ == nullptr; }

 private:
  explicit Filter(std::shared_ptr<const FilterNode> root);

  std::shared_ptr<const FilterNode> root_;
};

/// The column that an error of `parse` names: in characters, the first is 1. 0 for other errors.
std::size_t filter_column(const Error& error);

}  // namespace xtrace::collect
