#include "cli/config_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/system_reason.h"
#include "cli/process.h"

namespace xtrace::cli {

namespace {

constexpr std::string_view kProjectName = "/.xtracerc";
constexpr off_t kLargestFile = 1 << 20;

Error bad(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (is_alpha(c) && c == to_lower(c)) || is_digit(c) || c == '-';
  };
  return !text.empty() && text.front() != '-' && std::ranges::all_of(text, fits);
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

std::string_view without_quotes(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  return text.substr(1, text.size() - 2);
}

/// One line that is neither blank nor a comment; a section changes `section` and gives nothing.
Expected<std::optional<ConfigLine>> parse_line(std::string_view text, std::string& section) {
  // Values are shown in messages, where those could steer a terminal.
  if (std::ranges::any_of(text, is_control)) return bad("there is a control character in it");
  if (text.front() == '[') {
    const std::string_view name = trim(text.substr(1, text.size() - (text.back() == ']' ? 2 : 1)));
    if (text.back() != ']' || !is_name(name)) return bad("a section is a verb in brackets: [get]");
    section = name;
    return std::optional<ConfigLine>();
  }
  const auto equals = text.find('=');
  const std::string_view name = trim(text.substr(0, equals));
  if (name.starts_with('-')) return bad("flags stand here without their dashes: max-time = 2");
  if (!is_name(name)) return bad("a line is a flag's long name and its value: max-time = 2");
  ConfigLine line{.section = section, .name = std::string(name)};
  if (equals != std::string_view::npos) {
    line.value = std::string(without_quotes(trim(text.substr(equals + 1))));
  }
  return std::optional(std::move(line));
}

/// Why what a project's file says must not count: whoever may write it would set flags for others.
std::string distrust(const struct stat& facts) {
  if (facts.st_uid != geteuid() && facts.st_uid != 0) return "it belongs to another user";
  if ((facts.st_mode & S_IWOTH) != 0) return "everybody may change it";
  return {};
}

/// The text of an open file, or why there is none.
Expected<std::string> read_open_file(int descriptor, ConfigFile& file) {
  struct stat facts {};
  if (fstat(descriptor, &facts) != 0) return bad(system_reason(errno));
  if (file.kind == ConfigFile::Kind::project) {
    file.reason = distrust(facts);
    if (!file.reason.empty()) return bad(file.reason);
  }
  // What is named may be a pipe: --config <(...).
  const bool may_be_pipe = file.kind == ConfigFile::Kind::named && S_ISFIFO(facts.st_mode);
  if (!S_ISREG(facts.st_mode) && !may_be_pipe) return bad("it is no file");
  if (facts.st_size > kLargestFile) return bad("it is larger than 1 MiB");
  auto text = read_all(descriptor, "the file");
  if (text) return text;
  return bad(system_reason(errno));
}

}  // namespace

Expected<std::vector<ConfigLine>> parse_config(std::string_view text, const std::string& path) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<ConfigLine> lines;
  std::string section;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trim(line);
    if (line.empty() || line.front() == '#') continue;
    auto parsed = parse_line(line, section);
    const std::string place = path + ":" + std::to_string(number);
    if (const auto* error = parsed.if_error()) return error->with_prefix(place);
    if (!*parsed) continue;
    (*parsed)->number = number;
    lines.push_back(std::move(**parsed));
  }
  return lines;
}

Expected<ConfigFile> read_config_file(ConfigFile::Kind kind, std::string path) {
  ConfigFile file{.kind = kind, .path = std::move(path)};
  // A pipe that nobody writes to would hold the open; nothing that was not named may do that.
  const int extra = kind == ConfigFile::Kind::named ? 0 : O_NONBLOCK;
  const int descriptor = open(file.path.c_str(), O_RDONLY | O_CLOEXEC | extra);
  const bool is_absent = errno == ENOENT || errno == ENOTDIR;
  if (descriptor < 0 && is_absent && kind != ConfigFile::Kind::named) return file;
  auto text = descriptor < 0 ? Expected<std::string>(bad(system_reason(errno)))
                             : read_open_file(descriptor, file);
  if (descriptor >= 0) close(descriptor);
  if (const auto* error = text.if_error()) {
    if (kind != ConfigFile::Kind::project) {
      return bad("cannot read \"" + file.path + "\": " + error->message);
    }
    file.state = ConfigFile::State::ignored;
    file.reason = error->message;
    return file;
  }
  auto lines = parse_config(*text, file.path);
  if (const auto* error = lines.if_error()) return *error;
  file.lines = std::move(lines).value();
  file.state = ConfigFile::State::read;
  return file;
}

std::string find_project_file(std::string_view directory, std::string_view home) {
  while (home.size() > 1 && home.ends_with('/')) home.remove_suffix(1);
  while (directory.starts_with('/')) {
    std::string path =
        (directory == "/" ? std::string() : std::string(directory)).append(kProjectName);
    if (access(path.c_str(), F_OK) == 0) return path;
    if (directory == home || directory == "/") break;
    directory = directory.substr(0, std::max<std::size_t>(directory.rfind('/'), 1));
  }
  return {};
}

}  // namespace xtrace::cli
