#include "cli/form_part.h"

#include <array>
#include <utility>

namespace xtrace::cli {

namespace {

Error bad_part(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

struct Ending {
  std::string_view ending;
  std::string_view type;
};

// curl's list, which servers have learned to expect.
constexpr auto kEndings = std::to_array<Ending>({{".gif", "image/gif"},
                                                 {".jpg", "image/jpeg"},
                                                 {".jpeg", "image/jpeg"},
                                                 {".png", "image/png"},
                                                 {".svg", "image/svg+xml"},
                                                 {".txt", "text/plain"},
                                                 {".htm", "text/html"},
                                                 {".html", "text/html"},
                                                 {".pdf", "application/pdf"},
                                                 {".xml", "application/xml"}});

std::string_view type_of_file(std::string_view name) {
  for (const Ending& known : kEndings) {
    if (name.ends_with(known.ending)) return known.type;
  }
  return "application/octet-stream";
}

std::string base_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes words off the text of one `-F`.
class PartReader {
 public:
  explicit PartReader(std::string_view text) : rest_(text) {}

  /// A word up to one of `ends`, or in quotes; null where the quotes are not closed, or something
  /// stands behind them.
  bool take_word(std::string_view ends, std::string& word) {
    if (!rest_.starts_with('"')) {
      const auto end = rest_.find_first_of(ends);
      word = trim(rest_.substr(0, end));
      rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end);
      return true;
    }
    word.clear();
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_ = rest_.substr(i + 1);
        return rest_.empty() || ends.find(rest_.front()) != std::string_view::npos;
      }
      const bool is_escape =
          rest_[i] == '\\' && i + 1 < rest_.size() && (rest_[i + 1] == '"' || rest_[i + 1] == '\\');
      word += rest_[is_escape ? ++i : i];
    }
    return false;
  }

  /// The next character is `c`, and goes.
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// `;type=...;filename=...`, as many as there are. What follows a type and is neither belongs to
/// the type: `;type=text/plain;charset=utf-8`.
Expected<void> read_parameters(PartReader& reader, FormPart& part) {
  while (reader.take(';')) {
    std::string key;
    std::string value;
    if (!reader.take_word(";=,", key)) return bad_part("quotes in it are not closed");
    const bool has_value = reader.take('=');
    if (has_value && !reader.take_word(";,", value)) return bad_part("quotes in it are not closed");
    if (has_value && key == "type") {
      part.type = value;
    } else if (has_value && key == "filename") {
      part.filename = value;
    } else if (has_value && !part.type.empty()) {
      part.type.append("; ").append(key).append("=").append(value);
    } else {
      return bad_part("behind a part come ;type=TYPE and ;filename=NAME only, not \"" + key + "\"");
    }
  }
  return {};
}

Expected<FormPart> read_file_part(PartReader& reader, FormPart::Kind kind,
                                  const std::string& name) {
  FormPart part{.kind = kind, .name = name};
  if (!reader.take_word(";,", part.text)) return bad_part("quotes in it are not closed");
  if (part.text.empty()) return bad_part("the name of the file is empty");
  if (auto read = read_parameters(reader, part); !read) return std::move(read).error();
  if (kind == FormPart::Kind::content) return part;
  if (part.type.empty()) part.type = type_of_file(part.text);
  if (part.filename.empty()) part.filename = base_name(part.text);
  return part;
}

Expected<std::vector<FormPart>> read_files(PartReader& reader, FormPart::Kind kind,
                                           const std::string& name) {
  std::vector<FormPart> parts;
  do {
    auto part = read_file_part(reader, kind, name);
    if (const auto* error = part.if_error()) return *error;
    parts.push_back(std::move(part).value());
  } while (kind == FormPart::Kind::upload && reader.take(','));
  if (!reader.rest().empty()) return bad_part("a part with < takes one file");
  return parts;
}

}  // namespace

Expected<std::vector<FormPart>> parse_form_parts(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return bad_part("a part of a form is NAME=VALUE, NAME=@FILE or NAME=<FILE");
  }
  const std::string name(text.substr(0, equals));
  PartReader reader(text.substr(equals + 1));
  if (reader.take('@')) return read_files(reader, FormPart::Kind::upload, name);
  if (reader.take('<')) return read_files(reader, FormPart::Kind::content, name);
  FormPart part{.kind = FormPart::Kind::value, .name = name};
  if (!reader.take_word(";", part.text)) return bad_part("quotes in it are not closed");
  if (auto read = read_parameters(reader, part); !read) return std::move(read).error();
  return std::vector<FormPart>{std::move(part)};
}

}  // namespace xtrace::cli
