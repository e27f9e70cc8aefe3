#pragma once

/// A `DogStatsdBatch` is the datagram that fills: which lines have values waiting, and how long all
/// of it will be when it is written.
///
/// It never holds more than fits a datagram, in memory that it took when it was made. One thread at
/// a time.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <xtrace/metrics_sink.h>

#include "instrument/metric_text.h"

namespace xtrace {

/// The line of one series. What a histogram's value looks at stands together, for between two
/// requests it has left the cache.
struct DogStatsdLine {
  MetricInfo::Kind kind{};

  // The batch's own.
  bool is_waiting = false;
  std::uint32_t first = 0;  // of a histogram's values
  std::uint32_t last = 0;
  DogStatsdLine* next = nullptr;  // of those that wait
  double total = 0;               // of a counter; the latest value of a gauge
  NumberText text{0};             // the same, as it will be written

  std::string head{};  ///< `name:`
  std::string tail{};  ///< `|h|#tag:value`
};

class DogStatsdBatch {
 public:
  enum class Outcome : std::uint8_t {
    taken,
    full,     ///< It fits once what waits was written.
    too_long  ///< It never fits.
  };

  static constexpr std::size_t kSlack = NumberText::kMost;

  explicit DogStatsdBatch(std::size_t most_bytes);
  DogStatsdBatch(const DogStatsdBatch&) = delete;
  DogStatsdBatch& operator=(const DogStatsdBatch&) = delete;
  ~DogStatsdBatch() = default;

  /// `line` stays where it is for as long as it waits.
  Outcome add(DogStatsdLine& line, double value) noexcept;

  bool is_empty() const { return first_ == nullptr; }
  /// How long the datagram would be now.
  std::size_t bytes() const { return bytes_; }
  /// How many values were added since it was empty, those that a gauge forgot included.
  std::size_t values() const { return added_; }

  /// Appends the datagram to `out`, without a newline at its end, and is empty. Takes no memory
  /// where `out` has room for `kSlack` bytes more.
  void write(std::string& out);
  /// Forgets what waits.
  void clear();

 private:
  /// One of a histogram's values.
  struct Value {
    explicit Value(double value) : text(value) {}

    NumberText text;
    std::uint32_t next = 0;  // in values_
  };

  Outcome add_value(DogStatsdLine& line, double value);
  Outcome add_total(DogStatsdLine& line, double value);
  Outcome begin(DogStatsdLine& line, std::size_t text_size);
  Outcome lengthen(DogStatsdLine& line, std::size_t text_size);
  char* write_values(char* at, const DogStatsdLine& line) const;

  const std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::size_t added_ = 0;
  DogStatsdLine* first_ = nullptr;
  DogStatsdLine* last_ = nullptr;
  std::vector<Value> values_{};
};

}  // namespace xtrace
