#include "cli/document_reader.h"
#include "fuzz/emit_input.h"
#include "fuzz/target.h"

using namespace xtrace;

/// Any bytes as the input of `xtrace emit`: it reads alike wherever it is cut, JSON is what
/// nlohmann takes for JSON, what is valid stays valid when it is stamped or split, and what is
/// mended is valid.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = testing::as_text(data, size);
  testing::compare_with_nlohmann(text);
  std::vector<DocumentSite> sites;
  const CheckOptions strict{.rules = CheckRules::documented};
  const CheckOptions mending{.sites = &sites, .mends = true};
  const std::string whole = testing::read_all(text, size + 1, {});
  testing::require(whole == testing::read_all(text, size / 2 + 1, {}));
  testing::require(whole == testing::read_all(text, 7, {}));
  testing::read_all(text, size + 1, strict);
  testing::read_all(text, size + 1, mending);
  return 0;
}
