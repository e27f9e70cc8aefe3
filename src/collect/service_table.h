#pragma once

/// `ServiceTable` numbers the services of a trace in the order in which they are met.

#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "collect/trace_digest.h"

namespace xtrace::collect {

class ServiceTable {
 public:
  ServiceTable() : order_(ByKey{&services_}) {}
  ServiceTable(const ServiceTable&) = delete;
  ServiceTable& operator=(const ServiceTable&) = delete;
  ~ServiceTable() = default;

  /// The number of the service of that name and type. The first account that is told stays.
  std::uint32_t number_of(std::string_view name, std::string_view type, std::string_view account);

  std::vector<DigestService> take();

 private:
  using Key = std::pair<std::string_view, std::string_view>;  // name and type

  struct ByKey {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard's name

    Key key_of(std::uint32_t number) const;
    static const Key& key_of(const Key& key) { return key; }
    template <typename Left, typename Right>
    bool operator()(const Left& left, const Right& right) const {
      return key_of(left) < key_of(right);
    }

    const std::vector<DigestService>* services;
  };

  std::vector<DigestService> services_;
  std::set<std::uint32_t, ByKey> order_;  ///< Ascending by name and type.
};

}  // namespace xtrace::collect
