#include "client/talk_outcome.h"
#include "fuzz/target.h"

/// The first byte chooses the protocol and whether there is a password, the second where the words
/// are cut. What comes of them does not depend on that.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const std::string_view input = testing::as_text(data, size);
  if (input.size() < 3) return 0;
  const bool is_socks = (data[0] & 1U) != 0;
  const bool has_password = (data[0] & 2U) != 0;
  const std::string_view words = input.substr(2);
  const std::size_t at = 1 + data[1] % words.size();
  std::vector<std::string_view> singles;
  for (const char& byte : words) singles.emplace_back(&byte, 1);
  const std::string whole = testing::outcome(is_socks, has_password, {words});
  testing::require(testing::outcome(is_socks, has_password, singles) == whole);
  const std::string_view rest = words.substr(at);
  if (rest.empty()) return 0;
  testing::require(testing::outcome(is_socks, has_password, {words.substr(0, at), rest}) == whole);
  return 0;
}
