#pragma once

/// What the API answers, before it is HTTP.

#include <string>
#include <string_view>

namespace xtrace::collect {

struct ApiReply {
  int status = 200;
  /// Of an error, as the service names it: `InvalidRequestException`. Empty where there is none.
  std::string error_type{};
  std::string body{};  ///< JSON
};

/// An error as the service words it: its type in the field `x-amzn-ErrorType`, the sentence in the
/// body.
ApiReply error_reply(int status, std::string_view type, std::string_view sentence);

/// 400, `InvalidRequestException`: what the service says to most mistakes.
ApiReply invalid_request(std::string_view sentence);

}  // namespace xtrace::collect
