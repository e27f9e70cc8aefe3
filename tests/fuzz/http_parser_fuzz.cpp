#include "fuzz/target.h"
#include "http/record.h"

/// The first byte chooses the method, the second where the bytes are cut: in two, or all into
/// singles. What a caller sees is the same as for the bytes in one piece, also by a parser that
/// stopped in the middle of another response and was reset.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const std::string_view input = testing::as_text(data, size);
  if (input.size() < 3) return 0;
  constexpr std::string_view kMethods[] = {"GET", "HEAD", "CONNECT"};
  const std::string_view method = kMethods[data[0] % 3];
  const std::string_view bytes = input.substr(2);
  const ParserLimits limits{.head_bytes = 512, .interim_responses = 2};

  testing::Exchange whole(method, limits);
  whole.run({bytes});
  testing::Exchange split("GET", limits);
  const std::size_t at = data[1] % (bytes.size() + 1);
  split.feed(bytes.substr(0, at));
  split.begin_next(method);
  split.run({bytes.substr(0, at), bytes.substr(at)});
  testing::require(split.summary() == whole.summary());
  testing::Exchange single(method, limits);
  for (const char& byte : bytes) single.feed({&byte, 1});
  single.end();
  testing::require(single.summary() == whole.summary());
  testing::require(whole.parser.is_complete() != whole.error.has_value());
  testing::require(whole.consumed <= bytes.size());
  return 0;
}
