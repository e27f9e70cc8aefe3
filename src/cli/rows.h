#pragma once

/// The rows of the picture: one for each phase and each dialled address, with what there is to say
/// about it.

#include <string>
#include <string_view>
#include <vector>

#include "cli/breakdown.h"
#include "cli/paint.h"
#include "cli/report.h"

namespace xtrace::cli {

struct Row {
  Phase phase = Phase::none;
  std::string label;
  Role role = Role::plain;
  /// No bar and no offset: the time no phase claims is nowhere in particular.
  bool is_scattered = false;
  bool is_fault = false;  ///< Failed, as opposed to lost or abandoned.
  Quanta begin = 0;
  Quanta length = 0;
  Outcome outcome = Outcome::ok;
  std::vector<Quanta> marks;  ///< When interim responses came.
  std::string subject;        ///< An address; the first to be cut where the screen is narrow.
  std::string words;
  std::string brief_words;  ///< For where `words` do not fit; may be empty.
};

/// In the order of the phases. A wait for a thread, the queue and `other` have a row when they
/// print as more than zero. Texts from the network are already escaped.
std::vector<Row> make_rows(const AttemptReport& attempt, const Breakdown& breakdown,
                           const Style& style);

}  // namespace xtrace::cli
