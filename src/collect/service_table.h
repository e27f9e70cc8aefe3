#pragma once

/// `ServiceTable` numbers the services of a trace in the order in which they are met.

#include <cstdint>
#include <string_view>
#include <vector>

#include "collect/trace_digest.h"

namespace xtrace::collect {

class ServiceTable {
 public:
  /// The number of the service of that name and type. The first account that is told stays.
  std::uint32_t number_of(std::string_view name, std::string_view type, std::string_view account);

  std::vector<DigestService> take();

 private:
  std::vector<DigestService> services_;
  std::vector<std::uint32_t> order_;  ///< Ascending by name and type.
};

}  // namespace xtrace::collect
