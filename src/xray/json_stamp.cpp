#include "xray/json_stamp.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "base/json_writer.h"
#include "base/random.h"
#include "xray/correct.h"

namespace xtrace {

namespace {

using Kind = DocumentSite::Kind;
using Lack = DocumentSite::Lack;

/// Seconds that make no time any more still make a number, and the last that a trace id can hold.
constexpr double kLatest = 1e18;
constexpr double kLatestInId = 4'294'967'295;

/// The text of a value, or nothing where it is none.
std::optional<std::string> decode(std::string_view value) {
  if (!value.starts_with('"')) return std::nullopt;
  const std::string_view raw = value.substr(1, value.size() - 2);
  return JsonText{raw, raw.find('\\') != std::string_view::npos}.decode();
}

void append_string(std::string& out, std::string_view text) {
  std::string json;
  JsonWriter(json).string(text);
  out += json;
}

void append_hex(std::string& out, std::uint64_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    out += "0123456789abcdef"[(value >> static_cast<unsigned>(shift)) & 0xFU];
  }
}

std::uint64_t read_hex(std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

double to_seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

TraceId make_trace_id(std::uint32_t seconds, std::uint32_t high, std::uint64_t low) {
  std::string text = "1-";
  append_hex(text, seconds, 8);
  text += '-';
  append_hex(text, high, 8);
  append_hex(text, low, 16);
  return TraceId::parse(text).value();
}

}  // namespace

DocumentStamper::DocumentStamper(const StampOptions& options) : options_(options) {
  random_bytes(std::as_writable_bytes(std::span(key_)));
  // Multiplying by an odd number can be undone, so that no two ids become one.
  for (std::size_t i = 1; i < key_.size(); ++i) key_[i] |= 1U;
  begin_trace();
}

void DocumentStamper::begin_trace() {
  trace_id_ = TraceId::generate(options_.now);
}

void DocumentStamper::apply(std::string_view document, const CheckVerdict& verdict,
                            std::span<const DocumentSite> sites, std::string& out) {
  if (options_.restamps && !shift_) shift_ = to_seconds(options_.now) - verdict.start;
  std::size_t done = 0;
  for (const DocumentSite& site : sites) {
    out.append(document, done, site.span.begin - done);
    write(site, document.substr(site.span.begin, site.span.end - site.span.begin), out);
    done = site.span.end;
  }
  out.append(document, done);
}

void DocumentStamper::write(const DocumentSite& site, std::string_view old, std::string& out) {
  switch (site.kind) {
    case Kind::members:
      return options_.mends ? write_members(site.lacks, out) : void();
    case Kind::segment_id:
      return write_segment_id(site, old, out);
    case Kind::trace_id:
      return write_trace_id(site, old, out);
    case Kind::time:
      return write_time(old, out);
    case Kind::name:
      return append_string(out, correct_name(decode(old).value_or("")).text);
    case Kind::key: {
      const std::string key = correct_annotation_key(decode(old).value_or("")).text;
      return append_string(out, key.empty() ? "_" : key);
    }
    case Kind::in_progress:
      out += options_.mends ? "true" : old;
      return;
    case Kind::non_number:
      out += "null";
      return;
  }
}

/// There are members behind these: without a start_time the document would have been refused.
void DocumentStamper::write_members(std::uint8_t lacks, std::string& out) const {
  if ((lacks & Lack::lacks_trace_id) != 0) {
    out.append(R"("trace_id":")").append(trace_id_.text()).append("\",");
  }
  if ((lacks & Lack::lacks_id) != 0) {
    out.append(R"("id":")").append(SegmentId::generate().text()).append("\",");
  }
  if ((lacks & Lack::lacks_name) != 0) out += R"("name":"unknown",)";
  if ((lacks & Lack::lacks_end) != 0) out += R"("in_progress":true,)";
}

void DocumentStamper::write_segment_id(const DocumentSite& site, std::string_view old,
                                       std::string& out) const {
  if (!options_.restamps && !site.is_wrong) {
    out += old;
    return;
  }
  const std::string text = decode(old).value_or("");
  const Expected<SegmentId> id = SegmentId::parse(text);
  out += '"';
  if (text.empty()) {
    out += SegmentId::generate().text();
  } else if (id && !options_.restamps) {
    out += id->text();
  } else {
    append_hex(out, permute(id ? read_hex(id->text()) : digest(text)), 16);
  }
  out += '"';
}

void DocumentStamper::write_trace_id(const DocumentSite& site, std::string_view old,
                                     std::string& out) const {
  if (!options_.restamps && !site.is_wrong) {
    out += old;
    return;
  }
  const std::string text = decode(old).value_or("");
  const Expected<TraceId> id = TraceId::parse(text);
  TraceId fresh = trace_id_;
  if (id) {
    fresh = options_.restamps ? restamp(*id) : *id;
  } else if (!text.empty()) {
    const std::uint64_t low = digest(text);
    fresh = make_trace_id(trace_id_.seconds(), static_cast<std::uint32_t>(permute(low)), low);
  }
  out.append("\"").append(fresh.text()).append("\"");
}

void DocumentStamper::write_time(std::string_view old, std::string& out) const {
  if (!options_.restamps) {
    out += old;
    return;
  }
  double seconds = 0;
  std::from_chars(old.data(), old.data() + old.size(), seconds);
  std::array<char, 352> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(),
                    std::clamp(seconds + *shift_, 0.0, kLatest), std::chars_format::fixed, 6);
  out.append(text.data(), end.ptr);
}

/// The trace keeps its distance from the others in time, unless its time is none: then it is of
/// now.
TraceId DocumentStamper::restamp(const TraceId& old) const {
  if (old.is_noop()) return old;
  constexpr double kDay = 86'400;
  const double now = to_seconds(options_.now);
  const double shifted = old.seconds() + *shift_;
  const double seconds = std::abs(shifted - now) < kDay ? shifted : now;
  // A Feistel round each way: 96 bits are permuted, none are lost.
  const std::string_view digits = old.text().substr(11);
  const auto high = static_cast<std::uint32_t>(read_hex(digits.substr(0, 8)));
  const std::uint64_t low = permute(read_hex(digits.substr(8)) ^ permute(high + key_[0]));
  return make_trace_id(static_cast<std::uint32_t>(std::clamp(seconds, 0.0, kLatestInId)),
                       high ^ static_cast<std::uint32_t>(permute(low ^ key_[1])), low);
}

/// One to one, and 0, the mark of what is not recorded, stays 0.
std::uint64_t DocumentStamper::permute(std::uint64_t value) const {
  if (value == 0) return 0;
  do {
    value ^= key_[0];
    value *= key_[1];
    value ^= value >> 32U;
    value *= key_[2];
    value ^= value >> 29U;
    value *= key_[3];
    value ^= value >> 32U;
  } while (value == 0);
  return value;
}

std::uint64_t DocumentStamper::digest(std::string_view text) const {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char letter : text) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
  }
  return hash == 0 ? 1 : hash;
}

}  // namespace xtrace
