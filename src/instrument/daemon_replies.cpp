#include "instrument/daemon_replies.h"

#include <nlohmann/json.hpp>

#include "base/json_writer.h"
#include "base/utf8.h"

namespace xtrace {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestText = 500;

std::string tidy(std::string_view text) {
  std::string tidied{utf8_prefix(text, kLongestText)};
  for (char& c : tidied) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return tidied;
}

/// The text under the first of `keys` that has one.
std::string text_of(const Json& object, std::initializer_list<const char*> keys) {
  if (!object.is_object()) return {};
  for (const char* key : keys) {
    const auto found = object.find(key);
    if (found != object.end() && found->is_string()) {
      return tidy(found->get_ref<const std::string&>());
    }
  }
  return {};
}

/// `com.amazonaws.xray#ThrottledException:http://...` is a ThrottledException.
std::string bare_type(std::string_view type) {
  type = type.substr(0, type.find(':'));
  if (const auto hash = type.rfind('#'); hash != std::string_view::npos) {
    type.remove_prefix(hash + 1);
  }
  return tidy(type);
}

}  // namespace

bool ServiceComplaint::is_throttling() const {
  return type.starts_with("Throttl") || type.starts_with("TooManyRequests");
}

ServiceComplaint read_complaint(const Response& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  const std::string* field = response.headers.find("X-Amzn-ErrorType");
  ServiceComplaint complaint;
  complaint.type = bare_type(field != nullptr ? *field : text_of(body, {"__type", "code", "Code"}));
  complaint.message = text_of(body, {"message", "Message", "errorMessage"});
  return complaint;
}

std::string write_segments_request(std::span<const std::string_view> documents) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("TraceSegmentDocuments");
  json.begin_array();
  for (const std::string_view document : documents) json.string(document);
  json.end_array();
  json.end_object();
  return body;
}

Expected<std::vector<DocumentVerdict>> parse_segments_reply(std::string_view text) {
  const auto bad = [](std::string_view reason) {
    return Error{Error::Code::invalid_reply, Phase::body,
                 "the reply to /TraceSegments " + std::string(reason)};
  };
  const Json reply = Json::parse(text, nullptr, false);
  if (!reply.is_object()) return bad("is not a JSON object");
  std::vector<DocumentVerdict> verdicts;
  const auto found = reply.find("UnprocessedTraceSegments");
  if (found == reply.end() || found->is_null()) return verdicts;
  if (!found->is_array()) return bad("has an UnprocessedTraceSegments that is not an array");
  for (const Json& entry : *found) {
    if (!entry.is_object()) return bad("has an unprocessed segment that is not an object");
    verdicts.push_back({.id = text_of(entry, {"Id"}),
                        .code = text_of(entry, {"ErrorCode"}),
                        .message = text_of(entry, {"Message"})});
  }
  return verdicts;
}

DocumentVerdict refusal_verdict(std::string_view document, const Error& error) {
  return {.id = text_of(Json::parse(document, nullptr, false), {"id"}),
          .code = std::string(to_string(error.code)),
          .message = tidy(error.message)};
}

}  // namespace xtrace
