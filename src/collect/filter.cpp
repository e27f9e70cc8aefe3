#include "collect/filter.h"

#include <charconv>
#include <string>
#include <utility>

#include "collect/filter_eval.h"
#include "collect/filter_parser.h"

namespace xtrace::collect {

namespace {

constexpr std::string_view kPlace = "column ";

}  // namespace

Filter::Filter() = default;

Filter::Filter(std::shared_ptr<const FilterNode> root) : root_(std::move(root)) {}

Expected<Filter> Filter::parse(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Filter{};
  if (text.size() > kMaxLength) {
    return Error{Error::Code::invalid_config, Phase::none,
                 std::string(kPlace) + "1: the expression is longer than " +
                     std::to_string(kMaxLength) + " bytes"};
  }
  Expected<FilterNode> root = FilterParser(text).parse();
  if (const Error* error = root.if_error()) return *error;
  return Filter{std::make_shared<const FilterNode>(std::move(root).value())};
}

bool Filter::matches(const TraceDigest& trace) const {
  return root_ == nullptr || holds(*root_, trace);
}

std::size_t filter_column(const Error& error) {
  const std::string_view message = error.message;
  std::size_t column = 0;
  if (!message.starts_with(kPlace)) return column;
  std::from_chars(message.data() + kPlace.size(), message.data() + message.size(), column);
  return column;
}

}  // namespace xtrace::collect
