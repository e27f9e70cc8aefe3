#include "cli/form_part.h"
#include "cli/option_steps.h"

namespace xtrace::cli {

namespace {

/// curl also reads files of cookies, and keeps what servers set.
Expected<void> add_cookie(GetOptions& options, const std::string& value) {
  if (value.find('=') == std::string::npos) {
    return bad_option(
        "a value without = names a file of cookies, and xtrace keeps no cookie jar; give "
        "NAME=VALUE");
  }
  options.cookies.push_back(value);
  return {};
}

/// curl's `;auto` asks for what redirects do anyway.
std::string without_auto(std::string value) {
  constexpr std::string_view kAuto = ";auto";
  if (value.ends_with(kAuto)) value.resize(value.size() - kAuto.size());
  return value;
}

Expected<void> apply_body(GetOptions& options, OptionId id, const std::string& value) {
  using Kind = BodyPart::Kind;
  switch (id) {
    case OptionId::data:
      options.body.push_back({Kind::form, value});
      return {};
    case OptionId::data_raw:
      options.body.push_back({Kind::raw, value});
      return {};
    case OptionId::data_binary:
      options.body.push_back({Kind::binary, value});
      return {};
    case OptionId::json:
      options.body.push_back({Kind::json, value});
      return {};
    case OptionId::form: {
      auto parts = parse_form_parts(value);
      if (const auto* error = parts.if_error()) return *error;
      for (FormPart& part : *parts) options.form.push_back(std::move(part));
      return {};
    }
    default:
      if (value.empty()) return bad_option("the name of the file is empty");
      options.upload = value;
      return {};
  }
}

}  // namespace

Expected<void> apply_request(OptionDraft& draft, OptionId id, const std::string& value) {
  GetOptions& options = draft.options;
  switch (id) {
    case OptionId::request:
      if (value.empty()) return bad_option("the method is empty");
      draft.method = value;
      return {};
    case OptionId::header:
      options.headers.push_back(value);
      return {};
    case OptionId::head:
      draft.has_head = true;
      return {};
    case OptionId::user:
      options.user = value;
      return {};
    case OptionId::user_agent:
      options.user_agent = value;
      return {};
    case OptionId::referer:
      options.referer = without_auto(value);
      return {};
    case OptionId::cookie:
      return add_cookie(options, value);
    case OptionId::compressed:
      options.client.decoding.is_on = true;
      return {};
    case OptionId::expect_100:
      options.expects_continue = true;
      return {};
    default:
      return apply_body(options, id, value);
  }
}

}  // namespace xtrace::cli
