#include "xray/datagram_header.h"

#include "base/ascii.h"
#include "xray/json_cursor.h"

namespace xtrace {

bool is_datagram_header(std::string_view json) {
  JsonCursor cursor(json);
  bool is_json_format = false;
  bool is_version_1 = false;
  // As Go decodes: the last of several counts, and a value of another kind changes nothing.
  const bool is_object = cursor.object([&](const JsonText& key) {
    const std::string name = key.decode();
    const char first = cursor.token();
    if (same_word(name, "format") && first == '"') {
      const std::optional<JsonText> text = cursor.string();
      if (!text) return false;
      is_json_format = same_word(text->decode(), "json");
    } else if (same_word(name, "version") && (is_digit(first) || first == '-')) {
      const std::optional<std::string_view> number = cursor.number();
      if (!number) return false;
      if (number->find_first_of(".eE") == std::string_view::npos) is_version_1 = number == "1";
    } else {
      return cursor.skip_value();
    }
    return true;
  });
  if (!is_object || !is_json_format || !is_version_1) return false;
  return json.find_first_not_of(" \t\r\n", cursor.offset()) == std::string_view::npos;
}

}  // namespace xtrace
