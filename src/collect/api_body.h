#pragma once

/// `ApiBody` is what a client sent to the API: a JSON object, read where it lies.
///
/// It is as lenient as the service: members that nobody knows are passed over, null is as if it
/// were not there, a body of nothing is an empty object. The first thing that is wrong is kept, so
/// that who reads asks for everything first and looks for a complaint then:
///
///     ApiBody body(text);
///     const std::optional<double> start = body.time("StartTime");
///     if (body.complaint()) return invalid_request(*body.complaint());

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xray/json_text.h"

namespace xtrace::collect {

class ApiBody {
 public:
  /// `text` outlives the body. Complaints about the whole begin with `what`.
  explicit ApiBody(std::string_view text, std::string_view what = "The request's body");

  // Each is nothing (an empty list) where there is no such member; where it is of another kind that
  // is a complaint.
  std::optional<std::string> text(std::string_view name);
  /// Epoch seconds, of a number or of ISO 8601.
  std::optional<double> time(std::string_view name);
  /// A whole number from 0 on; 2.0 is one.
  std::optional<std::uint64_t> count(std::string_view name);
  /// The elements of an array as they are written.
  std::vector<std::string_view> elements(std::string_view name);
  /// The elements of an array of texts.
  std::vector<std::string> texts(std::string_view name);

  /// Complains about a member that has to be there and is not.
  void require(std::string_view name);
  /// Keeps the sentence, unless there is a complaint already.
  void complain(std::string sentence);

  /// A whole sentence: `StartTime is a text, where a number or a time of ISO 8601 is wanted.`
  const std::optional<std::string>& complaint() const { return complaint_; }

 private:
  struct Member {
    JsonText name{};
    std::string_view value{};
  };

  std::string read(std::string_view text);
  const Member* find(std::string_view name) const;
  void complain_of_kind(const Member& member, std::string_view wanted);

  std::vector<Member> members_;
  std::optional<std::string> complaint_;
};

/// The text of a JSON string that was checked; nothing where the value is something else.
std::optional<JsonText> json_text_of(std::string_view value);

}  // namespace xtrace::collect
