#include "xray/json_reading.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "xray/text.h"

namespace xtrace {

namespace {

constexpr int kDeepest = 32;

Error refuse(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

/// `line 3, column 7: ` of the byte at `position`, counted from 1.
std::string place_of(std::string_view text, std::size_t position) {
  const std::string_view before = text.substr(0, position == 0 ? 0 : position - 1);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto is_character = [](char byte) {
    return (static_cast<unsigned>(byte) & 0xC0U) != 0x80U;
  };
  std::string place = "line ";
  place += std::to_string(1 + std::ranges::count(before, '\n'));
  place += ", column ";
  place += std::to_string(1 + std::ranges::count_if(before.substr(line_start), is_character));
  place += ": ";
  return place;
}

/// The library says `[...] parse error at line 1, column 2: syntax error while ... - reason`.
std::string_view reason_of(std::string_view what) {
  const std::size_t dash = what.find(" - ");
  if (dash != std::string_view::npos) return what.substr(dash + 3);
  const std::size_t colon = what.find(": ");
  return colon == std::string_view::npos ? what : what.substr(colon + 2);
}

/// Watches what the tree does not show any more: keys named twice, and how deep it goes.
class Watch {
 public:
  explicit Watch(RepeatedKeys repeated_keys) : repeated_keys_(repeated_keys) {}

  bool on_event(int depth, Json::parse_event_t event, const Json& value) {
    if (depth > kDeepest) complaint_ = "the nesting is deeper than 32 levels";
    if (repeated_keys_ == RepeatedKeys::last_wins) return complaint_.empty();
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key) note_key(value.get_ref<const std::string&>());
    return complaint_.empty();
  }

  const std::string& complaint() const { return complaint_; }

 private:
  void note_key(const std::string& key) {
    if (keys_.back().insert(key).second || !complaint_.empty()) return;
    complaint_ = "the key \"";
    append_shown(complaint_, key);
    complaint_ += "\" stands twice in one object";
  }

  RepeatedKeys repeated_keys_;
  std::vector<std::set<std::string>> keys_;
  std::string complaint_;
};

}  // namespace

Expected<Json> read_json(std::string_view text, RepeatedKeys repeated_keys) {
  if (trim(text).empty()) return refuse("there is nothing, where JSON should be");
  Watch watch(repeated_keys);
  const Json::parser_callback_t callback = [&watch](int depth, Json::parse_event_t event,
                                                    Json& value) {
    return watch.on_event(depth, event, value);
  };
  try {
    Json json = Json::parse(text, callback);
    if (!watch.complaint().empty()) return refuse(watch.complaint());
    return json;
  } catch (const Json::parse_error& error) {
    std::string message = place_of(text, error.byte);
    append_shown(message, reason_of(error.what()));
    return refuse(std::move(message));
  } catch (const Json::exception&) {
    return refuse("a number is too large to be one");
  }
}

const Json* find_member(const Json& value, const char* key) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(key);
  return found == value.end() || found->is_null() ? nullptr : &*found;
}

std::optional<double> number_of(const Json* value) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

std::optional<std::string_view> text_of(const Json* value) {
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get_ref<const std::string&>();
}

std::optional<std::uint64_t> count_of(const Json* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_number_unsigned()) return value->get<std::uint64_t>();
  const std::optional<double> number = number_of(value);
  constexpr double kExact = 0x1p53;
  if (!number || *number < 0 || *number > kExact || *number != std::floor(*number)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(*number);
}

}  // namespace xtrace
