#include "collect/digests.h"
#include "collect/filter.h"
#include "fuzz/target.h"

/// Whatever is typed is read or refused at a place of it; what is read has an answer for every
/// trace, and its negation the other one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  static const collect::TraceDigest digests[] = {collect::testing::checkout_digest(), {}};
  const std::string text{testing::as_text(data, size)};
  const Expected<collect::Filter> filter = collect::Filter::parse(text);
  if (const Error* error = filter.if_error()) {
    const std::size_t column = collect::filter_column(*error);
    testing::require(column >= 1 && column <= size + 1);
    return 0;
  }
  const Expected<collect::Filter> opposite = collect::Filter::parse("NOT (" + text + ")");
  for (const collect::TraceDigest& digest : digests) {
    const bool is_match = filter->matches(digest);
    testing::require(!opposite || filter->takes_all() || opposite->matches(digest) != is_match);
  }
  return 0;
}
