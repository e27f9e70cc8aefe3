#pragma once

/// Sentences for the errors of system calls.

#include <string>
#include <string_view>

#include <xtrace/address.h>

namespace xtrace {

/// `connect 127.0.0.1:81: connection refused (ECONNREFUSED)`, from a deed, its object and an
/// `errno`.
std::string system_message(std::string_view deed, std::string_view object, int error_number);
std::string system_message(std::string_view deed, const Address& object, int error_number);

/// Whether a call on a non-blocking descriptor may do what was asked another time.
bool is_temporary(int error_number);

}  // namespace xtrace
