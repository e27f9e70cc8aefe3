#include "instrument/detect_search.h"

#include <utility>

namespace xtrace {

BlockWriter& BlockWriter::text(std::string_view key, std::string_view value) {
  if (value.empty()) return *this;
  writer_.key(key);
  writer_.string(value);
  return *this;
}

BlockWriter& BlockWriter::integer(std::string_view key, std::optional<std::int64_t> value) {
  if (!value) return *this;
  writer_.key(key);
  writer_.integer(*value);
  return *this;
}

AwsBlock BlockWriter::finish() {
  writer_.end_object();
  return std::move(block_);
}

AwsBlock text_block(std::string_view key, std::string_view value) {
  AwsBlock block{.key = std::string{key}};
  JsonWriter{block.json}.string(value);
  return block;
}

AwsBlock listed(AwsBlock block) {
  block.json.insert(0, 1, '[');
  block.json += ']';
  return block;
}

Error not_understood(std::string_view source, std::string_view reason) {
  std::string message{source};
  message += ": ";
  message += reason;
  return {Error::Code::invalid_reply, Phase::none, std::move(message)};
}

}  // namespace xtrace
