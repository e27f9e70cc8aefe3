#include "net/system_error.h"

#include <array>

#include <uv.h>

namespace xtrace {

// libuv's texts are English in every locale and safe in every thread; strerror's are neither.
std::string system_message(std::string_view deed, std::string_view object, int error_number) {
  const int status = uv_translate_sys_error(error_number);
  std::array<char, 128> reason{};
  std::array<char, 64> name{};
  uv_strerror_r(status, reason.data(), reason.size());
  uv_err_name_r(status, name.data(), name.size());

  std::string message{deed};
  message += ' ';
  message += object;
  message += ": ";
  message += reason.data();
  message += " (";
  message += name.data();
  message += ')';
  return message;
}

std::string system_message(std::string_view deed, const Address& object, int error_number) {
  return system_message(deed, object.to_string(), error_number);
}

}  // namespace xtrace
