// The part of `FilterParser` that reads a keyword with what it is compared with.

#include <array>
#include <utility>

#include "base/ascii.h"
#include "collect/filter_parser.h"

namespace xtrace::collect {

namespace {

using Token = FilterToken::Kind;

struct OperatorWord {
  std::string_view text;
  FilterOperator compare;
};

constexpr std::array kOperators{
    OperatorWord{"=", FilterOperator::equal},
    OperatorWord{"!=", FilterOperator::not_equal},
    OperatorWord{"<", FilterOperator::less},
    OperatorWord{"<=", FilterOperator::less_or_equal},
    OperatorWord{">", FilterOperator::greater},
    OperatorWord{">=", FilterOperator::greater_or_equal},
    OperatorWord{"CONTAINS", FilterOperator::contains},
    OperatorWord{"BEGINSWITH", FilterOperator::begins_with},
    OperatorWord{"ENDSWITH", FilterOperator::ends_with},
};

bool compares_order(FilterOperator compare) {
  return compare >= FilterOperator::less && compare <= FilterOperator::greater_or_equal;
}

bool compares_parts(FilterOperator compare) {
  return compare >= FilterOperator::contains;
}

}  // namespace

std::optional<FilterNode> FilterParser::comparison(FilterNode node) {
  const bool has_unset = node.value != FilterValue::number || node.field == FilterField::status;
  if (const std::optional<FilterOperator> compare = take_operator()) {
    node.compare = *compare;
    return against_value(std::move(node));
  }
  if (!has_unset) return fail_wanting("a comparison (=, !=, <, <=, >, >=)");
  return node;
}

std::optional<FilterNode> FilterParser::against_value(FilterNode node) {
  switch (node.value) {
    case FilterValue::boolean:
      return against_boolean(std::move(node));
    case FilterValue::number:
      return against_number(std::move(node));
    case FilterValue::text:
      return against_text(std::move(node));
  }
  return std::nullopt;
}

std::optional<FilterNode> FilterParser::against_boolean(FilterNode node) {
  if (node.compare != FilterOperator::equal && node.compare != FilterOperator::not_equal) {
    return fail(lexer_.token(), "what is true or false is compared by = and != alone");
  }
  const std::optional<bool> value = truth();
  if (!value) return fail_wanting("true or false");
  node.truth = *value;
  lexer_.advance();
  return node;
}

std::optional<FilterNode> FilterParser::against_number(FilterNode node) {
  const FilterToken& token = lexer_.token();
  if (compares_parts(node.compare)) {
    return fail(token, "a number is compared by =, !=, <, <=, > and >= alone");
  }
  if (token.kind != Token::number) return fail_wanting("a number");
  const bool is_time =
      node.field == FilterField::response_time || node.field == FilterField::duration;
  if (token.has_unit && !is_time) return fail_wanting("a number without a unit");
  node.number = token.number;
  lexer_.advance();
  return node;
}

std::optional<FilterNode> FilterParser::against_text(FilterNode node) {
  const FilterToken& token = lexer_.token();
  if (compares_order(node.compare)) {
    return fail(token, "a text is compared by =, !=, CONTAINS, BEGINSWITH and ENDSWITH alone");
  }
  const bool is_bare = token.kind == Token::word && begins_operand();
  if (token.kind != Token::text && !is_bare) return fail_wanting("a text in quotation marks");
  node.text = is_bare ? std::string(token.raw) : token.text;
  lexer_.advance();
  return node;
}

std::optional<FilterNode> FilterParser::annotation() {
  const FilterToken token = lexer_.token();
  if (place_ != FilterPlace::trace && place_ != FilterPlace::service) {
    return fail(token, "annotations mean nothing " + std::string(name_of_place(place_)));
  }
  FilterNode node;
  node.kind = FilterNode::Kind::compare;
  node.field = FilterField::annotation;
  lexer_.advance();
  if (token.is_word("annotation")) {
    if (!lexer_.token().is_sign("[")) return fail_wanting("the annotation's key in [ ]");
    std::optional<std::string> key = lexer_.bracketed();
    if (!key) return fail(token, "the annotation's key has no closing ]");
    node.key = *std::move(key);
  } else {
    node.key = token.raw.substr(std::string_view("annotation.").size());
  }
  if (node.key.empty()) return fail(token, "the annotation has no key");
  const std::optional<FilterOperator> compare = take_operator();
  if (!compare) return node;
  node.compare = *compare;
  // An unquoted true is the boolean, a quoted one the text.
  const Token kind = lexer_.token().kind;
  if (kind == Token::word && truth()) node.value = FilterValue::boolean;
  if (kind == Token::number) node.value = FilterValue::number;
  if (kind == Token::text) node.value = FilterValue::text;
  if (kind == Token::number || kind == Token::text || (kind == Token::word && truth())) {
    return against_value(std::move(node));
  }
  return fail_wanting("a text in quotation marks, a number, true or false");
}

std::optional<FilterNode> FilterParser::default_group() {
  const FilterToken token = lexer_.token();
  if (place_ != FilterPlace::trace) {
    return fail(token, "groups stand outside of all braces alone");
  }
  lexer_.advance();
  const std::optional<FilterOperator> compare = take_operator();
  if (compare != FilterOperator::equal) return fail_wanting("= and a group's name");
  const FilterToken& value = lexer_.token();
  if (value.kind != Token::text) return fail_wanting("a text in quotation marks");
  const bool is_default = token.is_word("group.name")
                              ? value.text == "Default"
                              : std::string_view(value.text).ends_with(":group/Default");
  if (!is_default) return fail(value, "there is no such group; the only one is Default");
  lexer_.advance();
  return FilterNode{};
}

std::optional<FilterOperator> FilterParser::take_operator() {
  const FilterToken& token = lexer_.token();
  if (token.kind != Token::sign && token.kind != Token::word) return std::nullopt;
  for (const OperatorWord& word : kOperators) {
    if (!same_word(word.text, token.raw)) continue;
    lexer_.advance();
    return word.compare;
  }
  return std::nullopt;
}

std::optional<bool> FilterParser::truth() const {
  const FilterToken& token = lexer_.token();
  if (token.kind != Token::word && token.kind != Token::text) return std::nullopt;
  const std::string_view text =
      token.kind == Token::text ? std::string_view(token.text) : token.raw;
  if (same_word(text, "true")) return true;
  if (same_word(text, "false")) return false;
  return std::nullopt;
}

}  // namespace xtrace::collect
