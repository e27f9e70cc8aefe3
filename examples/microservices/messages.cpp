#include "microservices/messages.h"

#include <limits>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_writer.h"

namespace xtrace::examples {

namespace {

using Json = nlohmann::json;

/// Reads an object and passes over what is nested in it, so that nobody can make a heap of brackets
/// weigh more here than it did on the way. Discarded where the text is no JSON.
Json parse_flat(std::string_view text) {
  const auto keep = [](int depth, Json::parse_event_t event, const Json&) {
    return depth == 0 || (event != Json::parse_event_t::object_start &&
                          event != Json::parse_event_t::array_start);
  };
  return Json::parse(text, keep, false);
}

std::optional<std::string> find_text(const Json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

bool is_blank(char sign) {
  return sign == ' ' || sign == '\t' || sign == '\r' || sign == '\n';
}

/// Where the string that begins at `at` has its last quote.
std::size_t end_of_string(std::string_view json, std::size_t at) {
  do {
    at += json[at] == '\\' ? 2 : 1;
  } while (json[at] != '"');
  return at;
}

Error invalid_message(std::string sentence) {
  return {Error::Code::request_invalid, Phase::none, std::move(sentence)};
}

}  // namespace

Expected<Document> parse_document(std::string_view json) {
  const Json object = parse_flat(json);
  if (object.is_discarded()) return invalid_message("the payload is no JSON");
  if (!object.is_object()) return invalid_message("the payload is no JSON object");
  const auto status = object.find("status");
  if (status == object.end()) return invalid_message("the payload has no status");
  const bool is_natural = status->is_number_unsigned() &&
                          status->get<std::uint64_t>() <= std::numeric_limits<int>::max();
  if (!is_natural) return invalid_message("the payload's status is no integer of 0 to 2147483647");
  if (!object.contains("body")) return invalid_message("the payload has no body");
  auto body = find_text(object, "body");
  if (!body) return invalid_message("the payload's body is no string");
  return Document{.status = status->get<std::int64_t>(), .body = *std::move(body)};
}

std::string to_json(const Document& document) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("status");
  json.integer(document.status);
  json.key("body");
  json.string(document.body);
  json.end_object();
  return text;
}

std::string to_json(const Document& document, std::string_view href) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("href");
  json.string(href);
  json.key("status");
  json.integer(document.status);
  json.key("body");
  json.string(document.body);
  json.end_object();
  return text;
}

Expected<std::string> parse_href(std::string_view json) {
  auto href = find_text(parse_flat(json), "href");
  if (!href || href->empty()) {
    return Error{Error::Code::invalid_reply, Phase::none, "the answer names no href"};
  }
  return *std::move(href);
}

std::string to_json_of_fetch(std::string_view archive_href, std::int64_t status) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("archive_href");
  json.string(archive_href);
  json.key("status");
  json.integer(status);
  json.end_object();
  return text;
}

std::string to_json(const Refusal& refusal, std::string_view id) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("id");
  json.string(id);
  json.key("code");
  json.string(refusal.code);
  json.key("status");
  json.integer(refusal.status);
  json.key("detail");
  json.string(refusal.detail);
  json.key("meta");
  json.begin_object();
  for (const auto& [name, value] : refusal.meta) {
    json.key(std::string_view(name));
    json.string(value);
  }
  json.end_object();
  json.end_object();
  return text;
}

std::string parse_detail(std::string_view json) {
  return find_text(parse_flat(json), "detail").value_or(std::string());
}

std::string indent_json(std::string_view json) {
  if (!Json::accept(json)) return {};
  std::string text;
  std::size_t depth = 0;
  bool is_due = false;  // a line feed, before the next sign
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char sign = json[at];
    if (is_blank(sign)) continue;
    const bool closes = sign == '}' || sign == ']';
    if (closes) --depth;
    // What holds nothing stays on its line.
    if (closes ? !is_due : is_due) text.append("\n").append(2 * depth, ' ');
    is_due = sign == '{' || sign == '[' || sign == ',';
    if (sign == '{' || sign == '[') ++depth;
    const std::size_t begin = at;
    if (sign == '"') at = end_of_string(json, at);
    text += json.substr(begin, at + 1 - begin);
    if (sign == ':') text += ' ';
  }
  return text;
}

}  // namespace xtrace::examples
