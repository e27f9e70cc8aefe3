#include <algorithm>
#include <charconv>

#include <xtrace/trace_id.h>

#include "base/random.h"
#include "xray/text.h"

namespace xtrace {

namespace {

constexpr std::string_view kNoopTrace = "1-00000000-000000000000000000000000";
constexpr std::size_t kSecondsAt = 2;
constexpr std::size_t kSecondsDigits = 8;
constexpr std::size_t kRandomAt = 11;
constexpr std::size_t kRandomDigits = 24;
constexpr std::size_t kW3cLength = kSecondsDigits + kRandomDigits;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, is_hex_digit);
}

void copy_lower(std::string_view from, char* to) {
  std::ranges::transform(from, to, to_lower);
}

Error not_an_id(std::string_view deed, std::string_view text, std::string_view reason) {
  std::string message{deed};
  message += " \"";
  append_shown(message, text);
  message += "\": ";
  message += reason;
  return {Error::Code::invalid_document, Phase::none, std::move(message)};
}

}  // namespace

TraceId::TraceId() {
  std::ranges::copy(kNoopTrace, text_.data());
}

TraceId TraceId::generate(WallTime now) {
  constexpr std::string_view kHex = "0123456789abcdef";
  TraceId id;
  const auto since = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  auto seconds = static_cast<std::uint32_t>(since.count());
  for (std::size_t i = kSecondsDigits; i-- > 0; seconds >>= 4U) {
    id.text_[kSecondsAt + i] = kHex[seconds & 15U];
  }
  std::ranges::copy(random_hex_96(), id.text_.data() + kRandomAt);
  return id;
}

Expected<TraceId> TraceId::parse(std::string_view text) {
  const std::string_view trimmed = trim(text);
  std::string_view seconds;
  std::string_view random;
  if (trimmed.size() == kLength && trimmed.starts_with("1-") && trimmed[kRandomAt - 1] == '-') {
    seconds = trimmed.substr(kSecondsAt, kSecondsDigits);
    random = trimmed.substr(kRandomAt);
  } else if (trimmed.size() == kW3cLength) {
    seconds = trimmed.substr(0, kSecondsDigits);
    random = trimmed.substr(kSecondsDigits);
  } else {
    return not_an_id("read trace id", text,
                     "it is neither 1-<8 hex digits>-<24 hex digits> nor 32 hex digits");
  }
  if (!is_hex(seconds) || !is_hex(random)) {
    return not_an_id("read trace id", text, "a character that is no hex digit");
  }
  TraceId id;
  copy_lower(seconds, id.text_.data() + kSecondsAt);
  copy_lower(random, id.text_.data() + kRandomAt);
  return id;
}

std::uint32_t TraceId::seconds() const {
  std::uint32_t value = 0;
  const char* first = text_.data() + kSecondsAt;
  std::from_chars(first, first + kSecondsDigits, value, 16);
  return value;
}

SegmentId SegmentId::generate() {
  SegmentId id;
  id.text_ = random_hex_64();
  return id;
}

Expected<SegmentId> SegmentId::parse(std::string_view text) {
  const std::string_view trimmed = trim(text);
  if (trimmed.size() != kLength || !is_hex(trimmed)) {
    return not_an_id("read segment id", text, "it is not 16 hex digits");
  }
  SegmentId id;
  copy_lower(trimmed, id.text_.data());
  return id;
}

}  // namespace xtrace
