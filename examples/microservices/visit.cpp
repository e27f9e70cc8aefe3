#include "microservices/visit.h"

namespace xtrace::examples {

void Visit::answer(std::string_view media_type, std::string_view json) {
  call_.respond(200, media_type, json);
}

void Visit::refuse(const Refusal& refusal) {
  call_.respond(refusal.status, kErrorMedia, to_json(refusal, id_));
}

}  // namespace xtrace::examples
