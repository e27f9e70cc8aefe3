#include "cli/paint.h"

#include <algorithm>

#include "cli/text.h"

namespace xtrace::cli {

namespace {

std::string_view sequence(Role role) {
  switch (role) {
    case Role::plain:
    case Role::request:
      return "";
    case Role::strong:
    case Role::body:
      return "\x1b[1m";
    case Role::dim:
      return "\x1b[2m";
    case Role::good:
      return "\x1b[1;32m";
    case Role::error:
      return "\x1b[1;33m";
    case Role::throttle:
      return "\x1b[1;35m";
    case Role::fault:
      return "\x1b[1;31m";
    case Role::label:
      return "\x1b[32m";
    case Role::value:
    case Role::dns:
      return "\x1b[36m";
    case Role::tcp:
      return "\x1b[34m";
    case Role::tls:
      return "\x1b[1;36m";
    case Role::wait:
      return "\x1b[1;34m";
  }
  return "";
}

}  // namespace

Role role_of_status(int status) {
  if (status == 429) return Role::throttle;
  if (status >= 500) return Role::fault;
  if (status >= 400) return Role::error;
  return status >= 300 ? Role::strong : Role::good;
}

std::string paint(std::string_view text, Role role, const Style& style) {
  const std::string_view begin = style.color ? sequence(role) : std::string_view{};
  if (begin.empty() || text.empty()) return std::string(text);
  return std::string(begin).append(text).append("\x1b[0m");
}

Line& Line::add(std::string_view text, Role role) {
  if (text.empty()) return *this;
  text_.append(pending_, ' ');
  pending_ = 0;
  text_ += paint(text, role, *style_);
  column_ += display_width(text);
  return *this;
}

Line& Line::add_right(std::string_view text, std::size_t width, Role role) {
  const std::size_t used = display_width(text);
  if (used < width) skip(width - used);
  return add(text, role);
}

Line& Line::skip(std::size_t columns) {
  pending_ += columns;
  column_ += columns;
  return *this;
}

Line& Line::skip_to(std::size_t column) {
  return column > column_ ? skip(column - column_) : *this;
}

Flow& Flow::piece(std::string_view text, Role role, std::size_t gap) {
  if (text.empty()) return *this;
  const std::size_t used = display_width(text);
  const auto width = static_cast<std::size_t>(style_->width);
  if (column_ + gap + used > width && used + hanging_ > width) {
    put_words(text, role, gap);
  } else {
    put(text, role, gap);
  }
  return *this;
}

Flow& Flow::end_line() {
  must_break_ = !at_line_begin_;
  return *this;
}

std::string Flow::finish() const {
  return text_.empty() ? text_ : text_ + "\n";
}

std::size_t Flow::room() const {
  return std::max<std::size_t>(static_cast<std::size_t>(style_->width), hanging_ + 8) - hanging_;
}

void Flow::put(std::string_view text, Role role, std::size_t gap) {
  const std::string shown = cut_to_width(text, room(), *style_);
  const std::size_t used = display_width(shown);
  const bool is_full = column_ + gap + used > static_cast<std::size_t>(style_->width);
  if (!at_line_begin_ && (is_full || must_break_)) {
    text_.append("\n").append(hanging_, ' ');
    column_ = hanging_;
    at_line_begin_ = true;
    must_break_ = false;
  }
  if (!at_line_begin_) {
    text_.append(gap, ' ');
    column_ += gap;
  }
  text_ += paint(shown, role, *style_);
  column_ += used;
  at_line_begin_ = false;
}

void Flow::put_words(std::string_view text, Role role, std::size_t gap) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) {
      put(text.substr(0, end), role, gap);
      gap = 1;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string draw_remark(std::string_view kind, std::string_view sentence, const Style& style,
                        Role role) {
  Flow flow(style, 8);
  flow.piece("  " + std::string(kind), role, 0).piece(escape_for_terminal(sentence, style));
  return flow.finish();
}

}  // namespace xtrace::cli
