#pragma once

/// `IncomingHead` keeps the head of a request and tells what it means: whether it keeps the rules
/// (RFC 9112 sections 3 and 6, RFC 9110 section 10.1.1), how its body is framed, whom it is for.
///
/// The `LineScanner` has checked the grammar of its lines before. A head is read again and again
/// into the same memory.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/incoming_request.h>

#include "http/request_parser.h"

namespace xtrace {

class IncomingHead {
 public:
  static constexpr std::size_t kMaxFields = 256;

  void clear();
  /// The next bytes.
  void append(std::string_view bytes) { text_.append(bytes); }
  /// The head is complete: reads it. Returns why it is refused, if it is.
  std::optional<RequestRefusal> read();

  /// What was read; its views hold until `clear`.
  const IncomingRequest& request() const { return request_; }
  /// Whether the connection may carry another request.
  bool keeps_alive() const;
  /// The lines of the fields, and the empty one behind them.
  std::string_view field_lines() const;

 private:
  using Verdict = std::optional<RequestRefusal>;

  struct Found {
    const FieldView* first = nullptr;
    int count = 0;
  };

  void read_request_line();
  Verdict read_fields();
  Verdict read_target();
  Verdict read_length();
  Verdict read_coding();
  Verdict read_host();
  Verdict read_expectation();
  Found find(std::string_view name) const;

  std::string text_;
  std::size_t fields_at_ = 0;  // where in the text they begin
  std::vector<FieldView> fields_;
  IncomingRequest request_;
};

}  // namespace xtrace
