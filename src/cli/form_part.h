#pragma once

/// `FormPart` is one part of a form that `-F` sends, and its spelling, which is curl's.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <xtrace/expected.h>

namespace xtrace::cli {

struct FormPart {
  enum class Kind : std::uint8_t {
    value,   ///< `NAME=VALUE`
    upload,  ///< `NAME=@FILE`: the file, with its name.
    content  ///< `NAME=<FILE`: what the file holds, as if it had been typed.
  };

  Kind kind = Kind::value;
  std::string name{};
  std::string text{};      ///< The value, or the name of the file; `-` is stdin.
  std::string type{};      ///< Content-Type; empty for a value sends none.
  std::string filename{};  ///< Told to the server; empty tells none.

  bool reads_file() const { return kind != Kind::value; }

  friend bool operator==(const FormPart&, const FormPart&) = default;
};

/// `NAME=VALUE`, `NAME=@FILE[,FILE...]` or `NAME=<FILE`, with `;type=TYPE` and `;filename=NAME`
/// behind; a word in double quotes may hold `,` and `;`, and `"` and `\` behind a `\`. A file's
/// type follows from its name where none is given. Several files are several parts. Fails with
/// `invalid_config`, repeating no value.
Expected<std::vector<FormPart>> parse_form_parts(std::string_view text);

}  // namespace xtrace::cli
