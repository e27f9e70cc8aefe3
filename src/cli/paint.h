#pragma once

/// Colours, and the two ways of setting text: a `Line` with columns, a `Flow` that folds at the
/// screen's width.
///
/// Only the eight base ANSI colours are used, and colour never says anything that is not also said
/// in letters. Red, yellow and magenta are X-Ray's fault, error and throttle; phases have other
/// hues.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/report.h"

namespace xtrace::cli {

enum class Role : std::uint8_t {
  plain,
  strong,
  dim,
  good,
  error,     ///< 4xx
  throttle,  ///< 429
  fault,     ///< 5xx, a failure
  label,     ///< What the classic art prints in green.
  value,     ///< What the classic art prints in cyan.
  dns,
  tcp,
  tls,
  request,
  wait,
  body,
};

/// The role of a status by X-Ray's rule.
Role role_of_status(int status);

/// `text` between escape sequences, or as it is where there is no colour. `text` is already
/// harmless.
std::string paint(std::string_view text, Role role, const Style& style);

/// One line of a table. Widths count columns, not bytes, and trailing blanks never reach the
/// screen.
class Line {
 public:
  explicit Line(const Style& style) : style_(&style) {}

  Line& add(std::string_view text, Role role = Role::plain);
  /// So that it ends where `width` columns from here end.
  Line& add_right(std::string_view text, std::size_t width, Role role = Role::plain);
  Line& skip(std::size_t columns);
  /// Go on at `column`, counted from 0; stays where it is when that is behind.
  Line& skip_to(std::size_t column);
  std::size_t column() const { return column_; }
  /// With a line feed.
  std::string finish() const { return text_ + "\n"; }

 private:
  const Style* style_;
  std::string text_;
  std::size_t column_ = 0;
  std::size_t pending_ = 0;  // blanks not written yet, already counted in column_
};

/// Pieces of text side by side, folded between pieces, or between words where a piece alone is too
/// long. A word that is longer than a line is cut with an ellipsis.
class Flow {
 public:
  /// Lines after the first are indented by `hanging` columns.
  Flow(const Style& style, std::size_t hanging) : style_(&style), hanging_(hanging) {}

  /// `gap` blanks stand before the piece unless it begins a line.
  Flow& piece(std::string_view text, Role role = Role::plain, std::size_t gap = 2);
  /// The next piece begins a line, wherever it would fit.
  Flow& end_line();
  /// With a line feed; nothing where there are no pieces.
  std::string finish() const;

 private:
  void put(std::string_view text, Role role, std::size_t gap);
  void put_words(std::string_view text, Role role, std::size_t gap);
  std::size_t room() const;

  const Style* style_;
  std::size_t hanging_;
  std::string text_;
  std::size_t column_ = 0;
  bool at_line_begin_ = true;
  bool must_break_ = false;
};

/// A remark below a picture: `  hint  the server is slow`. What is folded stands under the
/// sentence, not under its kind; what could steer a terminal is made harmless.
std::string draw_remark(std::string_view kind, std::string_view sentence, const Style& style,
                        Role role = Role::strong);

}  // namespace xtrace::cli
