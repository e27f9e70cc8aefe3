#include "collect/service_table.h"

#include <string>

namespace xtrace::collect {

std::uint32_t ServiceTable::number_of(std::string_view name, std::string_view type,
                                      std::string_view account) {
  const auto place = order_.find(Key(name, type));
  if (place != order_.end()) {
    DigestService& known = services_[*place];
    if (known.account.empty()) known.account = account;
    return *place;
  }
  const auto number = static_cast<std::uint32_t>(services_.size());
  services_.push_back({std::string(name), std::string(type), std::string(account)});
  order_.insert(number);
  return number;
}

std::vector<DigestService> ServiceTable::take() {
  order_.clear();
  services_.shrink_to_fit();
  return std::move(services_);
}

ServiceTable::Key ServiceTable::ByKey::key_of(std::uint32_t number) const {
  const DigestService& service = (*services)[number];
  return {service.name, service.type};
}

}  // namespace xtrace::collect
