#include "collect/document_facts.h"
#include "fuzz/target.h"
#include "xray/json_accept.h"

/// Whatever comes, the verdict is JSON's and the check's, and only JSON belongs to a trace.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace xtrace;
  const std::string_view text = testing::as_text(data, size);
  const collect::DocumentFacts facts = collect::read_document_facts(text);
  const std::string fault = collect::fault_of(text);
  testing::require(fault.empty() == !facts.refusal);
  const bool is_json_object = facts.refusal != ServiceError::parse_error;
  if (is_json_object) testing::require(is_json(text));
  const bool has_non_number = text.find("NaN") < size || text.find("Infinity") < size;
  if (facts.trace_id && !has_non_number) testing::require(is_json_object);
  if (!facts.refusal) testing::require(facts.trace_id.has_value());
  if (facts.refusal) {
    const std::string code = "(" + std::string(to_string(*facts.refusal)) + ")";
    testing::require(fault.ends_with(code));
  }
  return 0;
}
