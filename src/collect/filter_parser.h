#pragma once

/// `FilterParser` reads a filter expression into what is evaluated. See filter.h for the language.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <xtrace/expected.h>

#include "collect/filter_lexer.h"
#include "collect/filter_node.h"
#include "collect/filter_words.h"

namespace xtrace::collect {

class FilterParser {
 public:
  /// `text` is not blank, and outlives the parser.
  explicit FilterParser(std::string_view text) : lexer_(text) {}

  /// Once.
  Expected<FilterNode> parse();

 private:
  // Each of these returns nothing where it has told `fault_`.
  std::optional<FilterNode> any_of();
  std::optional<FilterNode> all_of();
  std::optional<FilterNode> operand();
  std::optional<FilterNode> none_of();
  std::optional<FilterNode> group();
  std::optional<FilterNode> keyword();
  std::optional<FilterNode> word();
  std::optional<FilterNode> trace_id();
  std::optional<FilterNode> service();
  std::optional<FilterNode> edge();
  std::optional<FilterNode> root_cause();
  std::optional<FilterNode> default_group();
  std::optional<FilterNode> annotation();
  std::optional<FilterNode> comparison(FilterNode node);
  std::optional<FilterNode> against_value(FilterNode node);
  std::optional<FilterNode> against_boolean(FilterNode node);
  std::optional<FilterNode> against_number(FilterNode node);
  std::optional<FilterNode> against_text(FilterNode node);
  std::optional<FilterNode> braces(FilterNode node, FilterPlace place);
  std::optional<ServiceSelector> selector();
  std::optional<ServiceSelector> id_function();
  std::optional<FilterOperator> take_operator();
  std::optional<bool> truth() const;
  bool begins_operand() const;
  bool take_word(std::string_view word);
  bool take_sign(std::string_view sign);
  bool want_sign(std::string_view sign);

  /// Tells why, at a token; the first one told stays.
  std::nullopt_t fail(const FilterToken& token, std::string_view reason);
  /// That something else is wanted than the token that is there.
  std::nullopt_t fail_wanting(std::string_view wanted);
  /// Texts are not repeated in a message: they may be somebody's secret.
  static std::string name_of(const FilterToken& token);

  FilterLexer lexer_;
  FilterPlace place_ = FilterPlace::trace;
  std::size_t depth_ = 0;
  std::string fault_;
};

}  // namespace xtrace::collect
