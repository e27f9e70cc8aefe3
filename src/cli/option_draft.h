#pragma once

/// `OptionDraft` is a command line while it is read: what each flag said, before the flags are
/// weighed against each other.

#include <optional>
#include <string>

#include <xtrace/expected.h>

#include "cli/option_table.h"
#include "cli/options.h"

namespace xtrace::cli {

struct OptionDraft {
  GetOptions options;
  std::optional<std::string> method;  ///< `-X`
  bool has_head = false;
  bool has_ipv4 = false;
  bool has_ipv6 = false;
  std::optional<TlsVersion> oldest_tls;  ///< `--tlsv1.2` and the like
  std::optional<TlsVersion> newest_tls;  ///< `--tls-max`
};

/// Put what one flag says into the draft. Fails with `invalid_config`, without the flag's name in
/// the message.
Expected<void> apply_option(OptionDraft& draft, OptionId id, const std::string& value);

/// Weigh the flags against each other and against the verb, and decide URL and method. Fails with
/// `invalid_config`: a complete sentence.
Expected<GetOptions> finish_draft(OptionDraft draft, const ParsedFlags& flags);

}  // namespace xtrace::cli
