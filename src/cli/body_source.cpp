#include "cli/body_source.h"

#include <utility>

namespace xtrace::cli {

namespace {

Expected<std::string> read_part(const BodyPart& part, const Process& process) {
  if (part.kind == BodyPart::Kind::raw || !part.text.starts_with('@')) return part.text;
  auto text = read_file(part.text.substr(1), process);
  if (text && part.kind == BodyPart::Kind::form) {
    std::erase_if(*text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  }
  return text;
}

}  // namespace

Expected<std::string> read_body(std::span<const BodyPart> parts, const Process& process) {
  std::string body;
  for (const BodyPart& part : parts) {
    auto text = read_part(part, process);
    if (const auto* error = text.if_error()) return *error;
    if (!body.empty() && part.kind != BodyPart::Kind::json) body += '&';
    // The usual one part is moved: an upload of any size is held once.
    if (body.empty()) {
      body = std::move(*text);
    } else {
      body += *text;
    }
  }
  return body;
}

}  // namespace xtrace::cli
