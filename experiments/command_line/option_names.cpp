// SPDX-License-Identifier: MIT
#include "experiments/command_line/option_names.h"

#include <algorithm>

#include "experiments/runs/config.h"

namespace experiments {

namespace {

bool is_setting(const std::string& key) {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all = field_keys();
    for (const char* other :
         {"no_exif_orientation", "data_dir", "cache_dir", "teacher", "teacher_logits",
          "keep_teacher_logits", "labels", "weights", "split", "threads"})
      all.emplace_back(other);
    return all;
  }();
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace

std::string with_option_names(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find('`', at), close = text.find('`', open + 1);
    if (open == text.npos || close == text.npos) return result.append(text.substr(at));
    std::string key(text.substr(open + 1, close - open - 1));
    result += text.substr(at, open - at);
    if (is_setting(key)) {
      std::replace(key.begin(), key.end(), '_', '-');
      result += "--" + key;
      at = close + 1;
    } else {
      result += '`';
      at = open + 1;
    }
  }
  return result;
}

}  // namespace experiments
