// SPDX-License-Identifier: MIT
#include "engine/system/json.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "engine/system/shown.h"
#include "kernels/runtime/error.h"

namespace nn {

template <class Json>
Json parse_json(std::string_view text) {
  using Event = typename Json::parse_event_t;
  kernels::require(!text.empty(), "it is empty");
  const std::size_t nul = text.find('\0');  // the library would take it for the end
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  try {
    Json value = Json::parse(text, [&keys](int depth, Event event, Json& parsed) {
      const bool opens = event == Event::object_start || event == Event::array_start;
      kernels::require(!opens || depth < deepest_json, "it is nested deeper than {} levels",
                       deepest_json);
      if (event == Event::object_start) keys.emplace_back();
      if (event == Event::object_end) keys.pop_back();
      if (event != Event::key) return true;
      const auto& key = parsed.template get_ref<const std::string&>();
      kernels::require(keys.back().insert(key).second, "{} stands there twice", shown(key));
      return true;
    });
    kernels::require(nul == text.npos, "it is damaged at byte {} of {}", nul + 1, text.size());
    return value;
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
