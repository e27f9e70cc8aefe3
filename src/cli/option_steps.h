#pragma once

/// The steps of `apply_option`, one for each heading of the help, and what they are made of.

#include <string>
#include <utility>
#include <vector>

#include <xtrace/expected.h>

#include "cli/option_draft.h"

namespace xtrace::cli {

Expected<void> apply_request(OptionDraft& draft, OptionId id, const std::string& value);
Expected<void> apply_route(OptionDraft& draft, OptionId id, const std::string& value);
Expected<void> apply_tls(OptionDraft& draft, OptionId id, const std::string& value);
Expected<void> apply_limit(OptionDraft& draft, OptionId id, const std::string& value);
Expected<void> apply_policy(OptionDraft& draft, OptionId id, const std::string& value);
Expected<void> apply_repeat(OptionDraft& draft, OptionId id, const std::string& value);
Expected<void> apply_slo(OptionDraft& draft, const std::string& value);

/// `invalid_config`: a sentence that the caller puts the flag's name before.
inline Error bad_option(std::string message) {
  return {Error::Code::invalid_config, Phase::none, std::move(message)};
}

/// Move a parsed value to its place, or hand its error on.
template <class Value, class Place>
Expected<void> assign(Place& place, Expected<Value> parsed) {
  if (const auto* error = parsed.if_error()) return *error;
  place = std::move(parsed).value();
  return {};
}

template <class Value>
Expected<void> append(std::vector<Value>& list, Expected<Value> parsed) {
  if (const auto* error = parsed.if_error()) return *error;
  list.push_back(std::move(parsed).value());
  return {};
}

}  // namespace xtrace::cli
