#include "collect/service_table.h"

#include <algorithm>
#include <string>
#include <utility>

namespace xtrace::collect {

std::uint32_t ServiceTable::number_of(std::string_view name, std::string_view type,
                                      std::string_view account) {
  const auto key = [this](std::uint32_t number) {
    const DigestService& service = services_[number];
    return std::pair<std::string_view, std::string_view>(service.name, service.type);
  };
  const std::pair wanted(name, type);
  const auto place = std::ranges::lower_bound(order_, wanted, {}, key);
  if (place != order_.end() && key(*place) == wanted) {
    DigestService& known = services_[*place];
    if (known.account.empty()) known.account = account;
    return *place;
  }
  const auto number = static_cast<std::uint32_t>(services_.size());
  services_.push_back({std::string(name), std::string(type), std::string(account)});
  order_.insert(place, number);
  return number;
}

std::vector<DigestService> ServiceTable::take() {
  services_.shrink_to_fit();
  return std::move(services_);
}

}  // namespace xtrace::collect
