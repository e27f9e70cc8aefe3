#include "cli/write_out.h"

#include <utility>

#include "cli/write_out_variables.h"

namespace xtrace::cli {

namespace {

/// Reads a format from left to right.
class Writer {
 public:
  Writer(std::string_view format, const Report& report) : rest_(format), report_(report) {}

  WrittenOut write() {
    while (!rest_.empty()) {
      const char c = take();
      if (c == '\\' && !rest_.empty()) {
        put_escape(take());
      } else if (c != '%' || rest_.empty()) {
        put(c);
      } else {
        put_percent();
      }
    }
    return std::move(written_);
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void put(char c) { put(std::string_view(&c, 1)); }
  void put(std::string_view text) {
    if (!is_silent_) (is_error_ ? written_.err : written_.out) += text;
  }

  void put_escape(char c) {
    if (c == 'n') return put('\n');
    if (c == 'r') return put('\r');
    if (c == 't') return put('\t');
    put('\\');
    put(c);
  }

  void put_percent() {
    constexpr std::string_view kHeader = "header{";
    if (rest_.front() == '%') return put(take());
    const bool is_header = rest_.starts_with(kHeader);
    const auto end = rest_.find('}');
    if ((!is_header && rest_.front() != '{') || end == std::string_view::npos) return put('%');
    const std::size_t begin = is_header ? kHeader.size() : 1;
    const std::string_view name = rest_.substr(begin, end - begin);
    rest_.remove_prefix(end + 1);
    if (is_header) {
      put_field(name);
    } else {
      put_variable(name);
    }
  }

  void put_field(std::string_view name) {
    const auto attempts = report_.attempts();
    if (attempts.empty() || !attempts.back()->response) return;
    if (const std::string* value = attempts.back()->response->headers.find(name)) put(*value);
  }

  void put_variable(std::string_view name) {
    if (name == "json") return put(write_out_json(report_));
    if (name == "header_json") return put(write_out_header_json(report_));
    if (name == "stdout" || name == "stderr") {
      is_error_ = name == "stderr";
    } else if (name == "onerror") {
      is_silent_ = is_silent_ || report_.exit_code == 0;
    } else if (const auto value = find_write_out_variable(name, report_)) {
      put(to_text(*value));
    } else {
      written_.unknown.emplace_back(name);
    }
  }

  std::string_view rest_;
  const Report& report_;
  WrittenOut written_;
  bool is_error_ = false;   // %{stderr} has been seen
  bool is_silent_ = false;  // %{onerror} has been seen, and there is no error
};

}  // namespace

Expected<std::optional<std::string>> read_write_out(const std::optional<std::string>& format,
                                                    const Process& process) {
  if (!format || !format->starts_with('@')) return format;
  auto text = read_file(format->substr(1), process);
  if (const auto* error = text.if_error()) return *error;
  std::erase_if(*text, [](char c) { return c == '\r' || c == '\n'; });
  return std::optional(std::move(text).value());
}

WrittenOut write_out(std::string_view format, const Report& report) {
  return Writer(format, report).write();
}

}  // namespace xtrace::cli
