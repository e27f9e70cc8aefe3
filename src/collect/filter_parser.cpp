#include "collect/filter_parser.h"

#include <utility>

#include "base/ascii.h"
#include "collect/filter.h"
#include "collect/service_graph.h"

namespace xtrace::collect {

namespace {

using Token = FilterToken::Kind;

constexpr std::string_view kRootCause = "rootcause.";
constexpr std::string_view kCauseWanted =
    "rootcause.fault or rootcause.error is wanted with .service, .entity or .exception behind it";

bool begins_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && same_word(text.substr(0, word.size()), word);
}

bool asks_for_annotation(const FilterToken& token) {
  return token.is_word("annotation") || begins_with_word(token.raw, "annotation.");
}

FilterNode joined(FilterNode::Kind kind, FilterNode first) {
  FilterNode node;
  node.kind = kind;
  node.children.push_back(std::move(first));
  return node;
}

}  // namespace

Expected<FilterNode> FilterParser::parse() {
  std::optional<FilterNode> root = any_of();
  if (root && lexer_.token().kind != Token::end) fail_wanting("AND, OR or the end");
  if (fault_.empty()) return *std::move(root);
  return Error{Error::Code::invalid_config, Phase::none, fault_};
}

std::optional<FilterNode> FilterParser::any_of() {
  std::optional<FilterNode> first = all_of();
  if (!first || !lexer_.token().is_word("or")) return first;
  FilterNode node = joined(FilterNode::Kind::any_of, *std::move(first));
  while (take_word("or")) {
    std::optional<FilterNode> next = all_of();
    if (!next) return std::nullopt;
    node.children.push_back(*std::move(next));
  }
  return node;
}

std::optional<FilterNode> FilterParser::all_of() {
  std::optional<FilterNode> first = operand();
  if (!first || !(lexer_.token().is_word("and") || begins_operand())) return first;
  FilterNode node = joined(FilterNode::Kind::all_of, *std::move(first));
  while (take_word("and") || begins_operand()) {
    std::optional<FilterNode> next = operand();
    if (!next) return std::nullopt;
    node.children.push_back(*std::move(next));
  }
  return node;
}

std::optional<FilterNode> FilterParser::operand() {
  if (depth_ == Filter::kMaxDepth) {
    return fail(lexer_.token(), "brackets, braces and negations are too deep in one another");
  }
  ++depth_;
  std::optional<FilterNode> node;
  if (take_word("not") || take_sign("!")) {
    node = none_of();
  } else if (take_sign("(")) {
    node = group();
  } else {
    node = keyword();
  }
  --depth_;
  return node;
}

std::optional<FilterNode> FilterParser::none_of() {
  std::optional<FilterNode> child = operand();
  if (!child) return std::nullopt;
  return joined(FilterNode::Kind::none_of, *std::move(child));
}

std::optional<FilterNode> FilterParser::group() {
  std::optional<FilterNode> inner = any_of();
  if (!inner || !want_sign(")")) return std::nullopt;
  return inner;
}

std::optional<FilterNode> FilterParser::keyword() {
  const FilterToken& token = lexer_.token();
  if (token.kind == Token::trace_id) return trace_id();
  if (token.kind != Token::word || token.is_word("and") || token.is_word("or")) {
    return fail_wanting("a keyword");
  }
  if (token.is_word("service")) return service();
  if (token.is_word("edge")) return edge();
  if (token.is_word("group.name") || token.is_word("group.arn")) return default_group();
  if (begins_with_word(token.raw, kRootCause)) return root_cause();
  return asks_for_annotation(token) ? annotation() : word();
}

std::optional<FilterNode> FilterParser::word() {
  const FilterToken token = lexer_.token();
  if (token.is_word("id")) {
    return fail(token, "id() stands in the brackets of service() or edge() alone");
  }
  if (token.is_word("json") || token.is_word("coverage")) {
    return fail(token, name_of(token) + " asks for what is not worked out here");
  }
  const FilterWord* word = find_filter_word(token.raw);
  if (word == nullptr) return fail(token, name_of(token) + " is no keyword");
  if (!word->is_known_in(place_)) {
    return fail(token, name_of(token) + " means nothing " + std::string(name_of_place(place_)) +
                           "; it stands " + places_of(*word));
  }
  FilterNode node;
  node.kind = FilterNode::Kind::compare;
  node.field = word->field;
  node.value = word->value;
  lexer_.advance();
  return comparison(std::move(node));
}

std::optional<FilterNode> FilterParser::trace_id() {
  if (place_ != FilterPlace::trace) {
    return fail(lexer_.token(), "a trace id means nothing " + std::string(name_of_place(place_)));
  }
  FilterNode node;
  node.kind = FilterNode::Kind::trace_id;
  node.id = lexer_.token().id;
  lexer_.advance();
  return node;
}

// -- what stands before braces -----------------------------------------------------------------

std::optional<FilterNode> FilterParser::service() {
  if (place_ != FilterPlace::trace) {
    return fail(lexer_.token(), "service() stands outside of all braces alone");
  }
  lexer_.advance();
  if (!want_sign("(")) return std::nullopt;
  FilterNode node;
  node.kind = FilterNode::Kind::service;
  if (!lexer_.token().is_sign(")")) {
    std::optional<ServiceSelector> to = selector();
    if (!to) return std::nullopt;
    node.to = *std::move(to);
  }
  if (!want_sign(")")) return std::nullopt;
  if (node.to.type != kClientType) return braces(std::move(node), FilterPlace::service);
  // Clients send no segments: what is known of them is what they call.
  node.kind = FilterNode::Kind::edge;
  node.from = std::exchange(node.to, ServiceSelector{});
  return braces(std::move(node), FilterPlace::edge);
}

std::optional<FilterNode> FilterParser::edge() {
  if (place_ != FilterPlace::trace) {
    return fail(lexer_.token(), "edge() stands outside of all braces alone");
  }
  lexer_.advance();
  if (!want_sign("(")) return std::nullopt;
  FilterNode node;
  node.kind = FilterNode::Kind::edge;
  if (!lexer_.token().is_sign(")")) {
    std::optional<ServiceSelector> from = selector();
    if (!from || !want_sign(",")) return std::nullopt;
    std::optional<ServiceSelector> to = selector();
    if (!to) return std::nullopt;
    node.from = *std::move(from);
    node.to = *std::move(to);
  }
  if (!want_sign(")")) return std::nullopt;
  return braces(std::move(node), FilterPlace::edge);
}

std::optional<FilterNode> FilterParser::root_cause() {
  const FilterToken token = lexer_.token();
  if (place_ != FilterPlace::trace) {
    return fail(token, "root causes stand outside of all braces alone");
  }
  std::string_view rest = token.raw.substr(kRootCause.size());
  if (begins_with_word(rest, "responsetime") || begins_with_word(rest, "json")) {
    return fail(token, name_of(token) + " asks for what is not worked out here");
  }
  FilterNode node;
  node.is_fault = begins_with_word(rest, "fault.");
  if (!node.is_fault && !begins_with_word(rest, "error.")) {
    return fail(token, kCauseWanted);
  }
  rest.remove_prefix(std::string_view("fault.").size());
  lexer_.advance();
  if (same_word(rest, "service")) {
    node.kind = FilterNode::Kind::cause_service;
    return braces(std::move(node), FilterPlace::cause_service);
  }
  if (same_word(rest, "entity")) {
    node.kind = FilterNode::Kind::cause_entity;
    return braces(std::move(node), FilterPlace::cause_entity);
  }
  if (same_word(rest, "exception")) {
    node.kind = FilterNode::Kind::cause_exception;
    return braces(std::move(node), FilterPlace::cause_exception);
  }
  return fail(token, kCauseWanted);
}

std::optional<FilterNode> FilterParser::braces(FilterNode node, FilterPlace place) {
  if (!take_sign("{")) return node;
  place_ = place;
  std::optional<FilterNode> inner = any_of();
  place_ = FilterPlace::trace;
  if (!inner || !want_sign("}")) return std::nullopt;
  node.children.push_back(*std::move(inner));
  return node;
}

std::optional<ServiceSelector> FilterParser::selector() {
  if (lexer_.token().is_word("id")) return id_function();
  if (lexer_.token().kind != Token::text) {
    return fail_wanting("the name of a service in quotation marks, or id()");
  }
  ServiceSelector selector;
  selector.name = lexer_.token().text;
  lexer_.advance();
  return selector;
}

std::optional<ServiceSelector> FilterParser::id_function() {
  lexer_.advance();
  if (!want_sign("(")) return std::nullopt;
  ServiceSelector selector;
  do {
    const FilterToken& part = lexer_.token();
    std::string* value = nullptr;
    if (part.is_word("name")) value = &selector.name;
    if (part.is_word("type")) value = &selector.type;
    if (part.is_word("account.id")) value = &selector.account;
    if (value == nullptr) return fail_wanting("name, type or account.id");
    lexer_.advance();
    if (!want_sign(":")) return std::nullopt;
    if (lexer_.token().kind != Token::text) return fail_wanting("a text in quotation marks");
    *value = lexer_.token().text;
    lexer_.advance();
  } while (take_sign(","));
  if (!want_sign(")")) return std::nullopt;
  return selector;
}

// -- small steps -------------------------------------------------------------------------------

bool FilterParser::begins_operand() const {
  const FilterToken& token = lexer_.token();
  if (token.kind == Token::word) return !token.is_word("and") && !token.is_word("or");
  return token.kind == Token::trace_id || token.is_sign("!") || token.is_sign("(");
}

bool FilterParser::take_word(std::string_view word) {
  if (!lexer_.token().is_word(word)) return false;
  lexer_.advance();
  return true;
}

bool FilterParser::take_sign(std::string_view sign) {
  if (!lexer_.token().is_sign(sign)) return false;
  lexer_.advance();
  return true;
}

bool FilterParser::want_sign(std::string_view sign) {
  if (take_sign(sign)) return true;
  fail_wanting("\"" + std::string(sign) + "\"");
  return false;
}

std::nullopt_t FilterParser::fail(const FilterToken& token, std::string_view reason) {
  if (!fault_.empty()) return std::nullopt;
  fault_ = "column " + std::to_string(lexer_.column_of(token)) + ": ";
  fault_ += token.kind == Token::broken ? std::string_view(token.text) : reason;
  return std::nullopt;
}

std::nullopt_t FilterParser::fail_wanting(std::string_view wanted) {
  const FilterToken& token = lexer_.token();
  return fail(token, std::string(wanted) + " is wanted, not " + name_of(token));
}

std::string FilterParser::name_of(const FilterToken& token) {
  if (token.kind == Token::end) return "the end";
  if (token.kind == Token::text) return "a text";
  if (token.kind == Token::trace_id) return "a trace id";
  constexpr std::size_t kShown = 40;
  const bool is_long = token.raw.size() > kShown;
  return "\"" + std::string(token.raw.substr(0, kShown)) + (is_long ? "...\"" : "\"");
}

}  // namespace xtrace::collect
