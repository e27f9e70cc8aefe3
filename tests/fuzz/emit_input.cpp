#include "fuzz/emit_input.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cli/document_reader.h"
#include "fuzz/target.h"
#include "xray/json_split.h"
#include "xray/json_stamp.h"

namespace xtrace::testing {

namespace {

using Kind = cli::DocumentReader::Item::Kind;

class StepSource final : public cli::ByteSource {
 public:
  StepSource(std::string_view text, std::size_t step) : text_(text), step_(step) {}

  Expected<std::size_t> read(std::span<char> room) override {
    const std::size_t bytes = std::min({room.size(), step_, text_.size()});
    std::ranges::copy(text_.substr(0, bytes), room.begin());
    text_.remove_prefix(bytes);
    return bytes;
  }
  bool is_ready() override { return false; }

 private:
  std::string_view text_;
  std::size_t step_;
};

bool is_valid(std::string_view document, CheckRules rules) {
  const CheckVerdict verdict = check_document(document, {.rules = rules});
  return verdict.kind == CheckVerdict::Kind::valid && verdict.length == document.size();
}

void check_stamped(const cli::DocumentReader::Item& item, const CheckOptions& check) {
  DocumentStamper stamper(
      {.mends = true, .restamps = item.text.size() % 2 == 0, .now = WallTime{}});
  std::string stamped;
  stamper.apply(item.text, item.verdict, *check.sites, stamped);
  require(is_valid(stamped, check.rules));
}

void check_split(std::string_view document) {
  const DocumentSet set = split_document(document, document.size() * 2 / 3);
  require(!set.documents.empty() || !set.refusals.empty());
  for (const std::string& part : set.documents) {
    require(part.size() <= document.size() * 2 / 3);
    require(is_valid(part, CheckRules::service));
  }
}

}  // namespace

void compare_with_nlohmann(std::string_view text) {
  // nlohmann takes a NUL between tokens for the end of the text.
  if (text.find('\0') != std::string_view::npos) return;
  const std::string array = "[" + std::string(text) + "]";
  JsonCursor cursor(array);
  const bool is_ours = cursor.skip_value() && cursor.offset() == array.size();
  const bool is_theirs = nlohmann::json::accept(array);
  require(is_ours == is_theirs || cursor.reason().find("deep") != std::string_view::npos);
}

std::string read_all(std::string_view text, std::size_t step, const CheckOptions& check) {
  StepSource source(text, step);
  cli::DocumentReader reader(source, check, step);
  std::string log;
  while (true) {
    const cli::DocumentReader::Item item = reader.next();
    if (item.kind == Kind::end) return log;
    require(item.kind != Kind::failed && item.line > 0);
    log += std::to_string(item.line) + item.reason;
    log.append(item.text).append("\n");
    if (item.kind == Kind::refused) {
      require(!item.reason.empty());
    } else if (check.mends) {
      check_stamped(item, check);
    } else {
      require(nlohmann::json::accept(item.text));
      check_split(item.text);
    }
  }
}

}  // namespace xtrace::testing
