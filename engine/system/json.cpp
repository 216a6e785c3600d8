// SPDX-License-Identifier: MIT
#include "engine/system/json.h"

#include <nlohmann/json.hpp>

#include "kernels/runtime/error.h"

namespace nn {

template <class Json>
Json parse_json(std::string_view text) {
  using Event = typename Json::parse_event_t;
  kernels::require(!text.empty(), "it is empty");
  try {
    return Json::parse(text, [](int depth, Event event, Json&) {
      const bool opens = event == Event::object_start || event == Event::array_start;
      kernels::require(!opens || depth < deepest_json, "it is nested deeper than {} levels",
                       deepest_json);
      return true;
    });
  } catch (const typename Json::parse_error& e) {
    kernels::require(e.byte <= text.size(), "it ends too early, after {} bytes", text.size());
    kernels::fail("it is damaged at byte {} of {}", e.byte, text.size());
  } catch (const typename Json::exception&) {
    kernels::fail("it holds a number beyond the range of double precision");
  }
}

template nlohmann::json parse_json(std::string_view);
template nlohmann::ordered_json parse_json(std::string_view);

}  // namespace nn
