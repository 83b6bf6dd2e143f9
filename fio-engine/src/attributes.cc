// SPDX-License-Identifier: GPL-2.0-only
// kv_path=attr: what the attribute of an I/O says.
#include <algorithm>

#include "engine.h"

namespace kairo::engine {

using hint::Class;

void Engine::set_up_attributes() {
  if (sidecar_.carrier.used != Path::kAttr) return;
  attribute_mask_ = KAIRO_RW_ATTR_FLAG;
  for (std::size_t i = 0; i < attributes_.size(); ++i)
    attributes_[i] = hint::attribute(static_cast<Class>(i));
}

}  // namespace kairo::engine
