#include "instrument/dogstatsd_batch.h"

#include <cmath>
#include <cstring>
#include <string_view>

namespace xtrace {

namespace {

/// How long the line is with one value.
std::size_t alone(const DogStatsdLine& line, std::size_t text_size) {
  return line.head.size() + text_size + line.tail.size();
}

char* write_text(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

DogStatsdBatch::DogStatsdBatch(std::size_t most_bytes) : most_bytes_(most_bytes) {
  values_.reserve(most_bytes / 2 + 2);  // a digit and a colon each, and one that does not fit
}

DogStatsdBatch::Outcome DogStatsdBatch::add(DogStatsdLine& line, double value) noexcept {
  const Outcome outcome =
      line.kind == MetricInfo::Kind::histogram ? add_value(line, value) : add_total(line, value);
  if (outcome == Outcome::taken) ++added_;
  return outcome;
}

/// The number is written where it waits; where it does not fit, it goes again.
DogStatsdBatch::Outcome DogStatsdBatch::add_value(DogStatsdLine& line, double value) {
  const auto index = static_cast<std::uint32_t>(values_.size());
  const std::size_t text_size = values_.emplace_back(value).text.size();
  const bool is_first = !line.is_waiting;
  const Outcome outcome = is_first ? begin(line, text_size) : lengthen(line, text_size);
  if (outcome != Outcome::taken) {
    values_.pop_back();
    return outcome;
  }
  (is_first ? line.first : values_[line.last].next) = index;
  line.last = index;
  return outcome;
}

DogStatsdBatch::Outcome DogStatsdBatch::add_total(DogStatsdLine& line, double value) {
  const bool is_sum = line.kind == MetricInfo::Kind::counter && line.is_waiting;
  const double total = is_sum ? line.total + value : value;
  if (!std::isfinite(total)) return Outcome::full;
  const NumberText text{total};
  if (line.is_waiting) {
    const std::size_t bytes = bytes_ - line.text.size() + text.size();
    if (bytes > most_bytes_) return Outcome::full;
    bytes_ = bytes;
  } else if (const Outcome outcome = begin(line, text.size()); outcome != Outcome::taken) {
    return outcome;
  }
  line.total = total;
  line.text = text;
  return Outcome::taken;
}

/// Makes room for a line that does not wait yet, with its first value.
DogStatsdBatch::Outcome DogStatsdBatch::begin(DogStatsdLine& line, std::size_t text_size) {
  const std::size_t size = alone(line, text_size);
  if (size > most_bytes_) return Outcome::too_long;
  const std::size_t growth = size + (is_empty() ? 0 : 1);
  if (bytes_ + growth > most_bytes_) return Outcome::full;
  (is_empty() ? first_ : last_->next) = &line;
  last_ = &line;
  line.next = nullptr;
  line.is_waiting = true;
  bytes_ += growth;
  return Outcome::taken;
}

/// Makes room for another value of a line that waits.
DogStatsdBatch::Outcome DogStatsdBatch::lengthen(DogStatsdLine& line, std::size_t text_size) {
  const std::size_t growth = 1 + text_size;
  if (bytes_ + growth > most_bytes_) {
    return alone(line, text_size) > most_bytes_ ? Outcome::too_long : Outcome::full;
  }
  bytes_ += growth;
  return Outcome::taken;
}

char* DogStatsdBatch::write_values(char* at, const DogStatsdLine& line) const {
  if (line.kind != MetricInfo::Kind::histogram) return line.text.write_to(at);
  std::uint32_t index = line.first;
  at = values_[index].text.write_to(at);
  while (index != line.last) {
    index = values_[index].next;
    *at++ = ':';
    at = values_[index].text.write_to(at);
  }
  return at;
}

void DogStatsdBatch::write(std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + bytes_ + kSlack);
  char* at = out.data() + before;
  for (const DogStatsdLine* line = first_; line != nullptr; line = line->next) {
    if (line != first_) *at++ = '\n';
    at = write_text(at, line->head);
    at = write_values(at, *line);
    at = write_text(at, line->tail);
  }
  out.resize(static_cast<std::size_t>(at - out.data()));
  clear();
}

void DogStatsdBatch::clear() {
  for (DogStatsdLine* line = first_; line != nullptr; line = line->next) line->is_waiting = false;
  first_ = nullptr;
  last_ = nullptr;
  values_.clear();
  bytes_ = 0;
  added_ = 0;
}

}  // namespace xtrace
