#pragma once

/// `DocumentStamper` writes segment documents anew at the sites that `check_document` noted: it
/// mends what is wrong, and gives ids and times of now.
///
/// The same old id becomes the same new one in every document, whatever its number: ids are
/// permuted with a random key, not remembered. Times are shifted all alike.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <xtrace/clock.h>
#include <xtrace/trace_id.h>

#include "xray/json_check.h"

namespace xtrace {

struct StampOptions {
  bool mends = false;     ///< Fill in what is missing, replace what is wrong.
  bool restamps = false;  ///< New ids everywhere; the first document starts now.
  WallTime now{};
};

class DocumentStamper {
 public:
  explicit DocumentStamper(const StampOptions& options);

  /// From here on documents without a trace are of a new one: once per file.
  void begin_trace();

  /// Appends the document to `out`. `verdict` and `sites` are those of the check.
  void apply(std::string_view document, const CheckVerdict& verdict,
             std::span<const DocumentSite> sites, std::string& out);

 private:
  void write(const DocumentSite& site, std::string_view old, std::string& out);
  void write_members(std::uint8_t lacks, std::string& out) const;
  void write_segment_id(const DocumentSite& site, std::string_view old, std::string& out) const;
  void write_trace_id(const DocumentSite& site, std::string_view old, std::string& out) const;
  void write_time(std::string_view old, std::string& out) const;

  std::uint64_t permute(std::uint64_t value) const;
  /// A number for a text that is no id: the same for the same text.
  std::uint64_t digest(std::string_view text) const;
  TraceId restamp(const TraceId& old) const;

  StampOptions options_;
  std::array<std::uint64_t, 4> key_{};
  TraceId trace_id_;
  std::optional<double> shift_;  // from the first document on
};

}  // namespace xtrace
