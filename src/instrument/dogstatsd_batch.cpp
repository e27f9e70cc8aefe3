#include "instrument/dogstatsd_batch.h"

#include <cmath>

namespace xtrace {

DogStatsdBatch::DogStatsdBatch(std::size_t most_bytes) : most_bytes_(most_bytes) {
  values_.reserve(most_bytes / 2 + 1);  // a digit and a colon each
  texts_.reserve(most_bytes);
}

DogStatsdBatch::Outcome DogStatsdBatch::add(DogStatsdLine& line, double value) noexcept {
  const Outcome outcome =
      line.kind == MetricInfo::Kind::histogram ? add_value(line, value) : add_total(line, value);
  if (outcome == Outcome::taken) ++added_;
  return outcome;
}

DogStatsdBatch::Outcome DogStatsdBatch::add_value(DogStatsdLine& line, double value) {
  const NumberText text{value};
  if (!line.is_waiting) {
    const Outcome outcome = begin(line, text);
    if (outcome == Outcome::taken) keep(line, text);
    return outcome;
  }
  const std::size_t growth = 1 + text.size();
  if (alone(line, text) > most_bytes_) return Outcome::too_long;
  if (bytes_ + growth > most_bytes_) return Outcome::full;
  values_[line.last].next = static_cast<std::uint32_t>(values_.size());
  keep(line, text);
  bytes_ += growth;
  return Outcome::taken;
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
  } else if (const Outcome outcome = begin(line, text); outcome != Outcome::taken) {
    return outcome;
  }
  line.total = total;
  line.text = text;
  return Outcome::taken;
}

std::size_t DogStatsdBatch::alone(const DogStatsdLine& line, const NumberText& text) const {
  return line.head.size() + text.size() + line.tail.size();
}

/// Makes room for a line that does not wait yet, with its first value.
DogStatsdBatch::Outcome DogStatsdBatch::begin(DogStatsdLine& line, const NumberText& text) {
  const std::size_t size = alone(line, text);
  if (size > most_bytes_) return Outcome::too_long;
  const std::size_t growth = size + (is_empty() ? 0 : 1);
  if (bytes_ + growth > most_bytes_) return Outcome::full;
  (is_empty() ? first_ : last_->next) = &line;
  last_ = &line;
  line.next = nullptr;
  line.is_waiting = true;
  line.first = static_cast<std::uint32_t>(values_.size());
  bytes_ += growth;
  return Outcome::taken;
}

void DogStatsdBatch::keep(DogStatsdLine& line, const NumberText& text) {
  line.last = static_cast<std::uint32_t>(values_.size());
  values_.push_back({.begin = static_cast<std::uint32_t>(texts_.size()),
                     .next = line.last,
                     .size = static_cast<std::uint8_t>(text.size())});
  texts_ += text.view();
}

void DogStatsdBatch::append_values(std::string& out, const DogStatsdLine& line) const {
  if (line.kind != MetricInfo::Kind::histogram) {
    out += line.text.view();
    return;
  }
  for (std::uint32_t at = line.first;; at = values_[at].next) {
    if (at != line.first) out += ':';
    out.append(texts_, values_[at].begin, values_[at].size);
    if (at == line.last) return;
  }
}

void DogStatsdBatch::write(std::string& out) {
  for (const DogStatsdLine* line = first_; line != nullptr; line = line->next) {
    if (line != first_) out += '\n';
    out += line->head;
    append_values(out, *line);
    out += line->tail;
  }
  clear();
}

void DogStatsdBatch::clear() {
  for (DogStatsdLine* line = first_; line != nullptr; line = line->next) line->is_waiting = false;
  first_ = nullptr;
  last_ = nullptr;
  values_.clear();
  texts_.clear();
  bytes_ = 0;
  added_ = 0;
}

}  // namespace xtrace
