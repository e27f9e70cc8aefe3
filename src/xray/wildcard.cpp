#include "xray/wildcard.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>

#include <xtrace/sampler.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "xray/fold_ranges.h"

namespace xtrace {

namespace {

/// A byte that is no UTF-8 is a character of its own, past all code points.
constexpr char32_t kBrokenBytes = 0x110000;

struct Letter {
  char32_t value = 0;
  std::size_t length = 1;
};

bool is_ascii(char byte) {
  return static_cast<unsigned char>(byte) < 0x80;
}

Letter broken_letter(char byte) {
  return {kBrokenBytes + static_cast<unsigned char>(byte)};
}

Letter first_letter(std::string_view text) {
  if (is_ascii(text.front())) return {static_cast<unsigned char>(to_lower(text.front()))};
  const CodePoint point = decode_utf8(text);
  return point.is_valid ? Letter{fold_case(point.value), point.length}
                        : broken_letter(text.front());
}

/// The same letter that reading from the front comes to, since no byte of a valid sequence begins
/// another one.
Letter last_letter(std::string_view text) {
  if (is_ascii(text.back())) return {static_cast<unsigned char>(to_lower(text.back()))};
  for (std::size_t length = 2; length <= std::min<std::size_t>(4, text.size()); ++length) {
    const CodePoint point = decode_utf8(text.substr(text.size() - length));
    if (point.is_valid && point.length == length) return {fold_case(point.value), length};
  }
  return broken_letter(text.back());
}

bool lets_pass(Letter pattern, Letter text) {
  return pattern.value == U'?' || pattern.value == text.value;
}

/// One bit for each character of a part.
struct PartBits {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  void set(std::size_t bit) { (bit < 64 ? low : high) |= std::uint64_t{1} << (bit % 64); }
  bool has(std::size_t bit) const { return (((bit < 64 ? low : high) >> (bit % 64)) & 1U) != 0; }
  PartBits advanced() const { return {(low << 1U) | 1U, (high << 1U) | (low >> 63U)}; }
  friend PartBits operator&(PartBits a, PartBits b) { return {a.low & b.low, a.high & b.high}; }
  friend PartBits operator|(PartBits a, PartBits b) { return {a.low | b.low, a.high | b.high}; }
};

/// For each character, the places of a part where it may stand.
class PartMasks {
 public:
  void add(char32_t value, std::size_t bit) {
    if (value == U'?') {
      any_.set(bit);
      return;
    }
    std::uint8_t at = chains_[chain_of(value)];
    while (at != 0 && masks_[at - 1U].value != value) at = masks_[at - 1U].next;
    if (at == 0) {
      masks_[count_] = {value, chains_[chain_of(value)], {}};
      chains_[chain_of(value)] = at = ++count_;
    }
    masks_[at - 1U].places.set(bit);
  }

  PartBits places_of(char32_t value, std::size_t& steps) const {
    for (std::uint8_t at = chains_[chain_of(value)]; at != 0; at = masks_[at - 1U].next) {
      ++steps;
      if (masks_[at - 1U].value == value) return masks_[at - 1U].places | any_;
    }
    return any_;
  }

 private:
  struct Mask {
    char32_t value = 0;
    std::uint8_t next = 0;  // one more than its place, 0 ends the chain
    PartBits places;
  };

  // Letters of one script lie side by side and get chains of their own.
  static std::size_t chain_of(char32_t value) { return (value ^ (value >> 8U)) & 0xFFU; }

  std::array<std::uint8_t, 256> chains_{};
  std::array<Mask, kSweptPart> masks_{};
  std::uint8_t count_ = 0;
  PartBits any_{};
};

class Matcher {
 public:
  Matcher(std::string_view pattern, std::string_view text) : pattern_(pattern), text_(text) {}

  bool run();
  std::size_t steps() const { return steps_; }

 private:
  bool take_front();
  bool take_back();
  bool find_part(std::string_view part);
  bool sweep_for(std::string_view part);
  /// How many bytes `part` takes of the beginning of `text`, where it stands there.
  std::optional<std::size_t> stands_at(std::string_view part, std::string_view text);

  // What is still to be matched: both shrink from the ends.
  std::string_view pattern_;
  std::string_view text_;
  std::size_t steps_ = 0;
};

bool Matcher::run() {
  while (!pattern_.empty() && pattern_.front() != '*') {
    if (!take_front()) return false;
  }
  if (pattern_.empty()) return text_.empty();
  while (pattern_.back() != '*') {
    if (!take_back()) return false;
  }
  while (!pattern_.empty()) {
    const std::size_t end = std::min(pattern_.find('*'), pattern_.size());
    if (end > 0 && !find_part(pattern_.substr(0, end))) return false;
    pattern_.remove_prefix(std::min(end + 1, pattern_.size()));
    ++steps_;
  }
  return true;
}

bool Matcher::take_front() {
  if (text_.empty()) return false;
  const Letter wanted = first_letter(pattern_);
  const Letter found = first_letter(text_);
  pattern_.remove_prefix(wanted.length);
  text_.remove_prefix(found.length);
  ++steps_;
  return lets_pass(wanted, found);
}

bool Matcher::take_back() {
  if (text_.empty()) return false;
  const Letter wanted = last_letter(pattern_);
  const Letter found = last_letter(text_);
  pattern_.remove_suffix(wanted.length);
  text_.remove_suffix(found.length);
  ++steps_;
  return lets_pass(wanted, found);
}

/// Takes the text off up to the end of the leftmost place where `part` stands. Place by place,
/// which is fast for what people write, until that takes more than a sweep would.
bool Matcher::find_part(std::string_view part) {
  constexpr std::size_t kStepsEachPlace = 4;
  const Letter wanted = first_letter(part);
  const std::string_view others = part.substr(wanted.length);
  std::string_view text = text_;  // a copy that nobody else sees stays in registers
  for (std::size_t allowance = steps_ + 16; !text.empty(); allowance += kStepsEachPlace) {
    const Letter found = first_letter(text);
    text.remove_prefix(found.length);
    ++steps_;
    if (!lets_pass(wanted, found)) continue;
    if (const std::optional<std::size_t> rest = stands_at(others, text)) {
      text_ = text.substr(*rest);
      return true;
    }
    if (steps_ > allowance) {
      text_ = text;
      return sweep_for(part);
    }
  }
  return false;
}

/// The same in one sweep.
bool Matcher::sweep_for(std::string_view part) {
  PartMasks masks;
  std::size_t count = 0;
  for (; !part.empty() && count < kSweptPart; ++count, ++steps_) {
    const Letter letter = first_letter(part);
    masks.add(letter.value, count);
    part.remove_prefix(letter.length);
  }
  // Bit i: the characters up to here end with the first i + 1 of the part.
  for (PartBits state; !text_.empty();) {
    const Letter letter = first_letter(text_);
    text_.remove_prefix(letter.length);
    ++steps_;
    state = state.advanced() & masks.places_of(letter.value, steps_);
    if (!state.has(count - 1)) continue;
    if (const std::optional<std::size_t> rest = stands_at(part, text_)) {
      text_.remove_prefix(*rest);
      return true;
    }
  }
  return false;
}

std::optional<std::size_t> Matcher::stands_at(std::string_view part, std::string_view text) {
  std::size_t taken = 0;
  for (; !part.empty(); ++steps_) {
    if (taken == text.size()) return std::nullopt;
    const Letter wanted = first_letter(part);
    const Letter found = first_letter(text.substr(taken));
    if (!lets_pass(wanted, found)) return std::nullopt;
    part.remove_prefix(wanted.length);
    taken += found.length;
  }
  return taken;
}

}  // namespace

WildcardRun run_wildcard(std::string_view pattern, std::string_view text) {
  Matcher matcher(pattern, text);
  const bool matches = matcher.run();
  return {matches, matcher.steps()};
}

bool matches_wildcard(std::string_view pattern, std::string_view text) {
  return run_wildcard(pattern, text).matches;
}

bool passes_pattern(std::string_view pattern, std::string_view attribute) {
  return pattern.empty() || attribute.empty() || pattern == "*" ||
         matches_wildcard(pattern, attribute);
}

char32_t fold_case(char32_t point) {
  if (point < 0x80) return static_cast<unsigned char>(to_lower(static_cast<char>(point)));
  const std::span<const FoldRange> ranges = fold_ranges();
  const auto after = std::ranges::upper_bound(ranges, point, {}, &FoldRange::first);
  if (after == ranges.begin()) return point;
  const FoldRange& range = *std::prev(after);
  if (point > range.last || (point - range.first) % range.stride != 0) return point;
  return point + static_cast<char32_t>(range.distance);
}

}  // namespace xtrace
