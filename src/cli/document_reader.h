#pragma once

/// `DocumentReader` takes segment documents out of a stream, whatever they are wrapped in, in
/// constant memory.
///
/// It understands JSON texts one after another, one a line or spread over many, alone or in arrays;
/// the answers of BatchGetTraces and the bodies of PutTraceSegments, where documents are texts; and
/// datagrams as the daemon gets them, whose header lines it passes over. Each document is checked
/// while its end is looked for, and handed out as the bytes it was written with.
///
/// After what is no JSON it goes on with the next line that begins as the broken document did.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/document_window.h"
#include "xray/json_check.h"

namespace xtrace::cli {

class DocumentReader {
 public:
  struct Item {
    enum class Kind : std::uint8_t {
      document,
      refused,  ///< `reason` says why.
      end,
      failed,  ///< The source could not be read to its end; `reason` is its error.
    };

    Kind kind = Kind::end;
    /// Of the document, or of what is wrong with it.
    std::uint64_t line = 0;
    /// Until the next call. Of what is refused only where it is JSON.
    std::string_view text{};
    std::string reason{};
    CheckVerdict verdict{};
  };

  /// `source`, and `check.sites` where they are wanted, must outlive the reader.
  DocumentReader(ByteSource& source, const CheckOptions& check,
                 std::size_t first_size = DocumentWindow::kFirstSize);

  /// The next document or refusal. After `end` and `failed` there is nothing more.
  Item next();

 private:
  /// An array or a wrapping object that the reader is in.
  struct Frame {
    bool is_array = false;
    bool wants_comma = false;
    std::uint64_t line = 0;
  };
  using Found = std::optional<Item>;

  bool skip_space();
  Item finish();
  Found inside();
  Found wrapped_member();
  Found value();
  Found object();
  Found checked_object();
  Found encoded();
  Found other_value();
  Found foreign_line();
  Found enter(bool is_array);
  /// The verdict on a document that is in the window, or in `decoded_`.
  Item judge(std::string_view text, CheckVerdict verdict);
  Item refuse(std::uint64_t line, std::string reason) const;
  /// After what is no JSON at `offset`: where to go on.
  Item break_off(std::size_t offset, std::string_view reason);
  Item break_structure(JsonCursor::Stop stop, std::string_view reason);
  std::string_view lack_reason() const;
  void skip_line();
  void skip_to_line(std::string_view beginning);
  /// Runs `parse` on a cursor over the text, with more of it until it need not be more.
  template <typename Parse>
  JsonCursor::Stop parse(Parse&& parse);

  DocumentWindow window_;
  CheckOptions check_;
  std::vector<Frame> frames_;
  std::size_t used_ = 0;  // of the window, by the item handed out last
  std::string indent_;    // of the line of the value that is read
  bool is_first_on_line_ = true;
  bool is_at_start_ = true;
  std::string decoded_;
};

}  // namespace xtrace::cli
