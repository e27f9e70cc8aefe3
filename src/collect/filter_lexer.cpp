#include "collect/filter_lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "base/ascii.h"

namespace xtrace::collect {

namespace {

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

constexpr bool is_word_letter(char c) {
  return is_alpha(c) || is_digit(c) || c == '_' || c == '.';
}

constexpr bool is_id_letter(char c) {
  return is_hex_digit(c) || c == '-';
}

template <class Predicate>
std::size_t run_of(std::string_view text, Predicate is_part) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_part) - text.begin());
}

/// How many seconds a unit has; 0 where it is none.
double seconds_of_unit(std::string_view unit) {
  if (same_word(unit, "s")) return 1;
  if (same_word(unit, "ms")) return 1e-3;
  if (same_word(unit, "us")) return 1e-6;
  return 0;
}

}  // namespace

bool FilterToken::is_word(std::string_view word) const {
  return kind == Kind::word && same_word(raw, word);
}

void FilterLexer::advance() {
  skip_space();
  token_ = read();
}

std::optional<std::string> FilterLexer::bracketed() {
  skip_space();
  std::string key;
  if (!rest().empty() && (rest().front() == '"' || rest().front() == '\'')) {
    FilterToken quoted = read_text(rest().front());
    if (quoted.kind == FilterToken::Kind::broken) return std::nullopt;
    key = std::move(quoted.text);
    skip_space();
    if (rest().empty() || rest().front() != ']') return std::nullopt;
  } else {
    const std::size_t length = rest().find(']');
    if (length == std::string_view::npos) return std::nullopt;
    key = trim(rest().substr(0, length));
    at_ += length;
  }
  ++at_;
  advance();
  return key;
}

std::size_t FilterLexer::column_of(const FilterToken& token) const {
  const auto begins_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  };
  const std::string_view before = text_.substr(0, token.offset);
  return 1 + static_cast<std::size_t>(std::ranges::count_if(before, begins_character));
}

FilterToken FilterLexer::read() {
  if (rest().empty()) return make(FilterToken::Kind::end, 0);
  if (std::optional<FilterToken> id = read_trace_id()) return *std::move(id);
  const char first = rest().front();
  const char second = rest().size() > 1 ? rest()[1] : ' ';
  if (first == '"' || first == '\'') return read_text(first);
  const bool is_number = is_digit(first) || ((first == '-' || first == '.') && is_digit(second));
  if (is_number) return read_number();
  if (is_word_letter(first)) {
    return make(FilterToken::Kind::word, run_of(rest(), is_word_letter));
  }
  return read_sign();
}

FilterToken FilterLexer::read_text(char quote) {
  std::string text;
  for (std::size_t at = 1; at < rest().size(); ++at) {
    const char letter = rest()[at];
    if (letter == quote) {
      FilterToken token = make(FilterToken::Kind::text, at + 1);
      token.text = std::move(text);
      return token;
    }
    const char next = at + 1 < rest().size() ? rest()[at + 1] : ' ';
    const bool is_escape = letter == '\\' && (next == '\\' || next == '"' || next == '\'');
    text += is_escape ? next : letter;
    if (is_escape) ++at;
  }
  return broken(rest().size(), "the text that begins here has no closing quotation mark");
}

FilterToken FilterLexer::read_number() {
  const auto is_part = [](char c) { return is_word_letter(c) || c == '-'; };
  const std::string_view raw = rest().substr(0, run_of(rest(), is_part));
  double number = 0;
  const auto [end, code] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  const std::string_view unit = raw.substr(static_cast<std::size_t>(end - raw.data()));
  if (code == std::errc::result_out_of_range) {
    return broken(raw.size(), "this number is out of range");
  }
  if (!unit.empty() && seconds_of_unit(unit) == 0) {
    return broken(raw.size(), "this is no number; those of time may end in s, ms or us");
  }
  FilterToken token = make(FilterToken::Kind::number, raw.size());
  token.has_unit = !unit.empty();
  token.number = token.has_unit ? number * seconds_of_unit(unit) : number;
  return token;
}

FilterToken FilterLexer::read_sign() {
  constexpr std::array<std::string_view, 3> kLong{"!=", "<=", ">="};
  for (const std::string_view sign : kLong) {
    if (rest().starts_with(sign)) return make(FilterToken::Kind::sign, sign.size());
  }
  const char first = rest().front();
  constexpr std::string_view kSigns = "!=<>(){}[],:";
  if (kSigns.find(first) != std::string_view::npos) return make(FilterToken::Kind::sign, 1);
  std::string reason = "this character is no part of the language";
  if (first > ' ' && first < '\x7f') {
    reason = "\"" + std::string(1, first) + "\" is no part of the language";
  }
  return broken(1, std::move(reason));
}

std::optional<FilterToken> FilterLexer::read_trace_id() {
  const std::string_view raw = rest().substr(0, run_of(rest(), is_id_letter));
  if (raw.size() != TraceId::kLength && raw.size() != 32) return std::nullopt;
  const Expected<TraceId> id = TraceId::parse(raw);
  if (!id) return std::nullopt;
  FilterToken token = make(FilterToken::Kind::trace_id, raw.size());
  token.id = *id;
  return token;
}

FilterToken FilterLexer::make(FilterToken::Kind kind, std::size_t length) {
  FilterToken token;
  token.kind = kind;
  token.offset = at_;
  token.raw = rest().substr(0, length);
  at_ += length;
  return token;
}

FilterToken FilterLexer::broken(std::size_t length, std::string reason) {
  FilterToken token = make(FilterToken::Kind::broken, length);
  token.text = std::move(reason);
  return token;
}

void FilterLexer::skip_space() {
  at_ += run_of(rest(), is_space);
}

}  // namespace xtrace::collect
