#pragma once

/// `FilterLexer` takes a filter expression apart into words, texts, numbers and signs.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <xtrace/trace_id.h>

namespace xtrace::collect {

struct FilterToken {
  enum class Kind : std::uint8_t { end, word, text, number, sign, trace_id, broken };

  Kind kind = Kind::end;
  std::size_t offset = 0;  ///< In bytes.
  std::string_view raw{};  ///< As it stands there; `!=` for a sign.
  std::string text{};      ///< Without quotes and escapes; of a broken one the reason.
  double number = 0;       ///< Seconds, where it has a unit.
  bool has_unit = false;   ///< `200ms`
  TraceId id{};

  bool is_sign(std::string_view sign) const { return kind == Kind::sign && raw == sign; }
  /// In any case.
  bool is_word(std::string_view word) const;
};

class FilterLexer {
 public:
  /// `text` outlives the lexer and its tokens.
  explicit FilterLexer(std::string_view text) : text_(text) { advance(); }

  const FilterToken& token() const { return token_; }
  void advance();
  /// Where the token is `[`: what stands up to `]`, quoted or not, and goes behind that. Unset
  /// where there is no `]`.
  std::optional<std::string> bracketed();
  /// Of a token, in characters; the first is 1.
  std::size_t column_of(const FilterToken& token) const;

 private:
  FilterToken read();
  FilterToken read_text(char quote);
  FilterToken read_number();
  FilterToken read_sign();
  std::optional<FilterToken> read_trace_id();
  FilterToken make(FilterToken::Kind kind, std::size_t length);
  FilterToken broken(std::size_t length, std::string reason);
  std::string_view rest() const { return text_.substr(at_); }
  void skip_space();

  std::string_view text_;
  std::size_t at_ = 0;
  FilterToken token_;
};

}  // namespace xtrace::collect
