#include <array>
#include <utility>

#include "xray/json_check_values.h"
#include "xray/json_checker.h"

namespace xtrace {

namespace {

enum class Want : std::uint8_t {
  text,
  integer,
  boolean,
  segment_id,
  trace_id,
  object,  ///< With anything in it.
  block,   ///< An object with rules of its own.
  blocks,  ///< An array of such.
  texts,   ///< An array.
  ids,     ///< An array.
  cause,   ///< An exception's id, or a block.
  choice,  ///< One of two words.
  annotations,
  metadata,
};

}  // namespace

struct BlockRule {
  Block block;
  std::string_view key;
  Want want;
  Block inner = Block::node;
  std::array<std::string_view, 2> words{};
};

namespace {

using Kind = DocumentSite::Kind;

constexpr std::size_t kMaxText = 250;
constexpr std::size_t kMaxAnnotation = 1000;

constexpr auto kRules = std::to_array<BlockRule>({
    {Block::node, "http", Want::block, Block::http},
    {Block::node, "namespace", Want::choice, Block::node, {"aws", "remote"}},
    {Block::node, "aws", Want::object},
    {Block::node, "annotations", Want::annotations},
    {Block::node, "metadata", Want::metadata},
    {Block::node, "service", Want::block, Block::service},
    {Block::node, "error", Want::boolean},
    {Block::node, "fault", Want::boolean},
    {Block::node, "throttle", Want::boolean},
    {Block::node, "cause", Want::cause, Block::cause},
    {Block::node, "sql", Want::block, Block::sql},
    {Block::node, "user", Want::text},
    {Block::node, "origin", Want::text},
    {Block::node, "resource_arn", Want::text},
    {Block::node, "precursor_ids", Want::ids},
    {Block::node, "links", Want::blocks, Block::link},
    {Block::node, "traced", Want::boolean},
    {Block::service, "version", Want::text},
    {Block::service, "runtime", Want::text},
    {Block::service, "runtime_version", Want::text},
    {Block::http, "request", Want::block, Block::request},
    {Block::http, "response", Want::block, Block::response},
    {Block::request, "method", Want::text},
    {Block::request, "url", Want::text},
    {Block::request, "user_agent", Want::text},
    {Block::request, "client_ip", Want::text},
    {Block::request, "x_forwarded_for", Want::boolean},
    {Block::request, "traced", Want::boolean},
    {Block::response, "status", Want::integer},
    {Block::response, "content_length", Want::integer},
    {Block::sql, "connection_string", Want::text},
    {Block::sql, "url", Want::text},
    {Block::sql, "sanitized_query", Want::text},
    {Block::sql, "database_type", Want::text},
    {Block::sql, "database_version", Want::text},
    {Block::sql, "driver_version", Want::text},
    {Block::sql, "user", Want::text},
    {Block::sql, "preparation", Want::choice, Block::node, {"call", "statement"}},
    {Block::cause, "working_directory", Want::text},
    {Block::cause, "paths", Want::texts},
    {Block::cause, "id", Want::segment_id},
    {Block::cause, "exceptions", Want::blocks, Block::exception},
    {Block::exception, "id", Want::segment_id},
    {Block::exception, "message", Want::text},
    {Block::exception, "type", Want::text},
    {Block::exception, "remote", Want::boolean},
    {Block::exception, "truncated", Want::integer},
    {Block::exception, "skipped", Want::integer},
    {Block::exception, "cause", Want::segment_id},
    {Block::exception, "stack", Want::blocks, Block::frame},
    {Block::frame, "path", Want::text},
    {Block::frame, "line", Want::integer},
    {Block::frame, "label", Want::text},
    {Block::link, "trace_id", Want::trace_id},
    {Block::link, "id", Want::segment_id},
    {Block::link, "attributes", Want::object},
});

const BlockRule* find_rule(Block block, const JsonText& key) {
  for (const BlockRule& rule : kRules) {
    if (rule.block == block && key.means(rule.key)) return &rule;
  }
  return nullptr;
}

bool is_integer(std::string_view number) {
  return number.find_first_of(".eEN") == std::string_view::npos;
}

char first_of(Want want) {
  switch (want) {
    case Want::object:
    case Want::block:
    case Want::annotations:
    case Want::metadata:
      return '{';
    case Want::blocks:
    case Want::texts:
    case Want::ids:
      return '[';
    default:
      return '"';
  }
}

std::string_view name_of(char first) {
  return kind_of_value(first);
}

}  // namespace

bool DocumentChecker::block(Block block) {
  return cursor_.object([this, block](const JsonText& key) {
    return fault_ ? cursor_.skip_value() : block_member(block, key);
  });
}

bool DocumentChecker::block_member(Block block, const JsonText& key) {
  const BlockRule* rule = find_rule(block, key);
  return rule == nullptr ? cursor_.skip_value() : value(*rule);
}

bool DocumentChecker::value(const BlockRule& rule) {
  const char first = cursor_.token();
  if (first == 'n') return cursor_.skip_value();
  switch (rule.want) {
    case Want::integer:
    case Want::boolean:
      return plain_value(rule);
    case Want::cause:
      return cause(rule);
    default:
      break;
  }
  if (first != first_of(rule.want)) {
    return is_strict()
               ? refuse_kind(ServiceError::undocumented, rule.key, name_of(first_of(rule.want)))
               : cursor_.skip_value();
  }
  switch (rule.want) {
    case Want::text:
    case Want::choice:
      return text_value(rule);
    case Want::segment_id:
    case Want::trace_id:
      return id_value(rule, rule.key);
    case Want::annotations:
      return below("annotations.", [this] { return annotations(); });
    case Want::metadata:
      return below("metadata.", [this] { return metadata(); });
    case Want::block:
      return below(std::string(rule.key) + ".", [this, &rule] { return block(rule.inner); });
    case Want::blocks:
    case Want::texts:
    case Want::ids:
      return elements(rule);
    default:
      return cursor_.skip_value();
  }
}

bool DocumentChecker::plain_value(const BlockRule& rule) {
  const char first = cursor_.token();
  const bool is_boolean = first == 't' || first == 'f';
  const bool is_number = kind_of_value(first) == "a number";
  const bool wants_boolean = rule.want == Want::boolean;
  if (!is_strict() || (wants_boolean && is_boolean)) return cursor_.skip_value();
  if (wants_boolean || !is_number) {
    return refuse_kind(ServiceError::undocumented, rule.key,
                       wants_boolean ? "true or false" : "an integer");
  }
  const std::size_t begin = value_offset();
  const std::optional<std::string_view> number = cursor_.number();
  if (number && !is_integer(*number)) {
    find_fault(ServiceError::undocumented, rule.key,
               "an integer is wanted, not " + std::string(*number), begin);
  }
  return number.has_value();
}

bool DocumentChecker::text_value(const BlockRule& rule) {
  const std::size_t begin = value_offset();
  const std::optional<JsonText> text = cursor_.string();
  if (!text || !is_strict()) return text.has_value();
  std::string wrong = judge_length(*text, kMaxText);
  if (rule.want == Want::choice && !text->means(rule.words[0]) && !text->means(rule.words[1])) {
    wrong = "it is neither \"" + std::string(rule.words[0]) + "\" nor \"" +
            std::string(rule.words[1]) + "\"";
  }
  if (!wrong.empty()) find_fault(ServiceError::undocumented, rule.key, std::move(wrong), begin);
  return true;
}

bool DocumentChecker::cause(const BlockRule& rule) {
  const char first = cursor_.token();
  if (first == '"') return id_value(rule, rule.key);
  if (first == '{') return below("cause.", [this, &rule] { return block(rule.inner); });
  return is_strict() ? refuse_kind(ServiceError::undocumented, rule.key, "an id or an object")
                     : cursor_.skip_value();
}

bool DocumentChecker::id_value(const BlockRule& rule, std::string_view path) {
  const std::size_t begin = value_offset();
  const std::optional<JsonText> text = cursor_.string();
  if (!text) return false;
  const bool is_trace_id = rule.want == Want::trace_id;
  std::string wrong = is_trace_id ? judge_trace_id(*text) : judge_segment_id(*text);
  if (!wrong.empty() && is_strict() && !options_.mends) {
    find_fault(ServiceError::undocumented, path, std::move(wrong), begin);
  } else if (wrong.empty() || options_.mends) {
    add_site(is_trace_id ? Kind::trace_id : Kind::segment_id, begin, !wrong.empty());
  }
  return true;
}

bool DocumentChecker::elements(const BlockRule& rule) {
  const char wanted = rule.want == Want::blocks ? '{' : '"';
  return cursor_.array([this, &rule, wanted](std::size_t index) {
    if (fault_) return cursor_.skip_value();
    const std::string path = std::string(rule.key) + "[" + std::to_string(index) + "]";
    if (cursor_.token() != wanted) {
      return is_strict() ? refuse_kind(ServiceError::undocumented, path, name_of(wanted))
                         : cursor_.skip_value();
    }
    if (rule.want == Want::ids) return id_value(rule, path);
    if (rule.want == Want::texts) return cursor_.skip_value();
    return below(path + ".", [this, &rule] { return block(rule.inner); });
  });
}

bool DocumentChecker::annotations() {
  return cursor_.object([this](const JsonText& key) {
    return fault_ || !is_strict() ? cursor_.skip_value() : annotation(key);
  });
}

bool DocumentChecker::annotation(const JsonText& key) {
  const std::size_t begin = static_cast<std::size_t>(key.raw.data() - text_.data()) - 1;
  std::string wrong = judge_key(key);
  if (!wrong.empty() && !options_.mends) {
    find_fault(ServiceError::undocumented, key.decode(), std::move(wrong), begin);
  } else if (!wrong.empty()) {
    options_.sites->push_back({.kind = Kind::key, .span = {begin, begin + key.raw.size() + 2}});
  }
  const char first = cursor_.token();
  if (first == '{' || first == '[' || first == 'n') {
    find_fault(ServiceError::undocumented, key.decode(),
               "a text, a number or a boolean is wanted, not " + std::string(kind_of_value(first)),
               value_offset());
  }
  if (first != '"') return cursor_.skip_value();
  const std::size_t value_begin = value_offset();
  const std::optional<JsonText> text = cursor_.string();
  if (!text) return false;
  std::string too_long = judge_length(*text, kMaxAnnotation);
  if (!too_long.empty()) {
    find_fault(ServiceError::undocumented, key.decode(), std::move(too_long), value_begin);
  }
  return true;
}

bool DocumentChecker::metadata() {
  return cursor_.object([this](const JsonText& key) {
    if (fault_ || !is_strict()) return cursor_.skip_value();
    const std::string space = key.decode();
    if (space.starts_with("AWS.")) {
      find_fault(ServiceError::undocumented, space, "names that begin with AWS. are reserved",
                 value_offset());
    }
    return cursor_.token() == '{' ? cursor_.skip_value()
                                  : refuse_kind(ServiceError::undocumented, space, "an object");
  });
}

}  // namespace xtrace
