#include "net/system_error.h"

#include <cerrno>

#include "base/system_reason.h"

namespace xtrace {

std::string system_message(std::string_view deed, std::string_view object, int error_number) {
  std::string message{deed};
  message += ' ';
  message += object;
  message += ": ";
  message += system_reason(error_number);
  return message;
}

std::string system_message(std::string_view deed, const Address& object, int error_number) {
  return system_message(deed, object.to_string(), error_number);
}

bool is_temporary(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

}  // namespace xtrace
