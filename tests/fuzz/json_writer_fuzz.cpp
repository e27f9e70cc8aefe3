#include <nlohmann/json.hpp>

#include "base/json_writer.h"
#include "fuzz/target.h"

/// Any bytes as key, string and number: the document parses, and valid text reads back unchanged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = xtrace::testing::as_text(data, size);
  double number = 0;
  std::memcpy(&number, data, std::min(size, sizeof number));
  std::string out;
  xtrace::JsonWriter json{out};
  json.begin_object();
  json.key(text);
  json.begin_array();
  json.string(text);
  json.number(number);
  json.end_array();
  json.end_object();
  const auto parsed = nlohmann::json::parse(out, nullptr, false);
  xtrace::testing::require(parsed.is_object() && parsed.size() == 1);
  const auto& array = parsed.begin().value();
  xtrace::testing::require(array[0] == parsed.begin().key() && array.size() == 2);
  xtrace::testing::require(json.corrections() > 0 || array[0] == text);
  xtrace::testing::require(array[1].is_null() || array[1] == number);
  return 0;
}
