#pragma once

/// `Filter` is one of X-Ray's filter expressions: `responsetime > 5 AND service("api") { fault }`.
///
/// The language is the one of the developer guide's "Using filter expressions": keywords boolean
/// (`ok error throttle fault partial inferred first last`), number (`responsetime duration
/// http.status index coverage...`), string (`http.url http.method http.useragent http.clientip user
/// name type message availabilityzone instance.id resource.arn`), complex (`service() edge()
/// annotation[k] annotation.k id() rootcause...`), `= != < <= > >= CONTAINS BEGINSWITH ENDSWITH`,
/// AND, OR, NOT, `!`, brackets and braces. A trace id alone finds that trace.

#include <memory>
#include <string_view>

#include <xtrace/expected.h>

#include "collect/trace_digest.h"

namespace xtrace::collect {

class Filter {
 public:
  /// Takes every trace.
  Filter();
  /// Blank text takes every trace. Fails with `invalid_config`: one sentence that names the place
  /// (`column 14`) and what was wanted there, as a person who types it wants to know.
  static Expected<Filter> parse(std::string_view text);

  /// Allocates nothing.
  bool matches(const TraceDigest& trace) const;
  bool takes_all() const { return root_ == nullptr; }

 private:
  struct Node;
  explicit Filter(std::shared_ptr<const Node> root);

  std::shared_ptr<const Node> root_;
};

}  // namespace xtrace::collect
