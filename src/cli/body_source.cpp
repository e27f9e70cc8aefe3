#include "cli/body_source.h"

#include <cerrno>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "base/system_reason.h"
#include "cli/multipart_body.h"

namespace xtrace::cli {

namespace {

// Larger ones are not worth holding.
constexpr off_t kMostHeld = 1024 * 1024;

Error unreadable(const std::string& path, int reason) {
  return {Error::Code::invalid_config, Phase::none,
          "cannot read \"" + path + "\": " + system_reason(reason)};
}

/// A file that cannot be read is found before anything is sent. Opening it would wait for the
/// writer of a FIFO.
Expected<void> check_readable(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) return unreadable(path, errno);
  if (S_ISDIR(facts.st_mode)) return unreadable(path, EISDIR);
  if (access(path.c_str(), R_OK) != 0) return unreadable(path, errno);
  return {};
}

Expected<BodySupply> supply_of(const std::string& path, const Process& process) {
  if (is_standard_input(path)) return descriptor_body(process.in, "stdin");
  if (auto checked = check_readable(path); !checked) return std::move(checked).error();
  return file_body(path);
}

bool is_large_file(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > kMostHeld;
}

/// The one file that may be sent without being held: `-d` leaves bytes out, and what is joined has
/// to be put together first.
const BodyPart* find_streamed(const std::vector<BodyPart>& parts) {
  if (parts.size() != 1) return nullptr;
  const BodyPart& part = parts.front();
  const bool is_whole = part.kind == BodyPart::Kind::binary || part.kind == BodyPart::Kind::json;
  return is_whole && part.text.starts_with('@') && is_large_file(part.text.substr(1)) ? &part
                                                                                      : nullptr;
}

Expected<std::string> read_part(const BodyPart& part, const Process& process) {
  if (part.kind == BodyPart::Kind::raw || !part.text.starts_with('@')) return part.text;
  auto text = read_file(part.text.substr(1), process);
  if (text && part.kind == BodyPart::Kind::form) {
    std::erase_if(*text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  }
  return text;
}

Expected<std::string> join_parts(const std::vector<BodyPart>& parts, const Process& process) {
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

Expected<void> add_data(Request& request, const std::vector<BodyPart>& parts,
                        const Process& process) {
  if (const BodyPart* part = find_streamed(parts)) {
    auto supply = supply_of(part->text.substr(1), process);
    if (const auto* error = supply.if_error()) return *error;
    request.supply = std::move(supply).value();
    return {};
  }
  auto body = join_parts(parts, process);
  if (const auto* error = body.if_error()) return *error;
  request.body = std::move(body).value();
  return {};
}

Expected<MultipartPart> make_part(const FormPart& part, const Process& process) {
  MultipartPart made{.fields = form_fields(part.name, part.filename, part.type)};
  if (part.kind == FormPart::Kind::value) {
    made.text = part.text;
    return made;
  }
  if (part.kind == FormPart::Kind::content) {
    auto text = read_file(part.text, process);
    if (const auto* error = text.if_error()) return *error;
    made.text = std::move(text).value();
    return made;
  }
  auto supply = supply_of(part.text, process);
  if (const auto* error = supply.if_error()) return *error;
  made.supply = std::move(supply).value();
  return made;
}

/// A type of the caller's own that is in parts as well lacks only the boundary.
void set_form_type(Request& request, const std::string& boundary) {
  constexpr std::string_view kField = "Content-Type";
  const std::string suffix = "; boundary=" + boundary;
  const std::string* own = request.headers.find(kField);
  if (own == nullptr) {
    request.headers.add(kField, "multipart/form-data" + suffix);
  } else if (own->starts_with("multipart/") && own->find("boundary=") == std::string::npos) {
    request.headers.set(kField, *own + suffix);
  }
}

Expected<void> add_form(Request& request, const std::vector<FormPart>& form,
                        const Process& process) {
  std::vector<MultipartPart> parts;
  for (const FormPart& part : form) {
    auto made = make_part(part, process);
    if (const auto* error = made.if_error()) return *error;
    parts.push_back(std::move(made).value());
  }
  std::string boundary = make_boundary();
  set_form_type(request, boundary);
  request.supply = multipart_body(std::move(parts), std::move(boundary));
  return {};
}

std::string percent_encoded(std::string_view name) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : name) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += '%';
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

}  // namespace

Expected<void> add_body(Request& request, const GetOptions& options, const Process& process) {
  if (!options.form.empty()) return add_form(request, options.form, process);
  if (!options.upload) return add_data(request, options.body, process);
  auto supply = supply_of(*options.upload, process);
  if (const auto* error = supply.if_error()) return *error;
  request.supply = std::move(supply).value();
  return {};
}

std::string add_file_name(std::string url, const std::string& file) {
  url.resize(std::min(url.find('#'), url.size()));
  if (is_standard_input(file) || url.find('?') != std::string::npos) return url;
  const auto scheme = url.find("://");
  const auto path = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (path == std::string::npos) url += '/';
  if (!url.ends_with('/')) return url;
  return url + percent_encoded(std::string_view(file).substr(file.rfind('/') + 1));
}

bool is_standard_input(const std::string& file) {
  // curl's `.` reads stdin without waiting for it, which this program does in any case.
  return file == "-" || file == ".";
}

}  // namespace xtrace::cli
