#include "collect/api_reply.h"

#include "base/json_writer.h"

namespace xtrace::collect {

ApiReply error_reply(int status, std::string_view type, std::string_view sentence) {
  ApiReply reply{.status = status, .error_type = std::string{type}};
  JsonWriter json(reply.body);
  json.begin_object();
  json.key("message");
  json.string(sentence);
  json.end_object();
  return reply;
}

ApiReply invalid_request(std::string_view sentence) {
  return error_reply(400, "InvalidRequestException", sentence);
}

}  // namespace xtrace::collect
