// SPDX-License-Identifier: MIT
// JSON is read or refused, and a config that is valid is the same after it was written and read.
#include "experiments/runs/config.h"

#include "engine/system/json.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using experiments::Json;
  Json settings;
  const bool is_json = fuzz::accepts("", [&] {
    settings = nn::parse_json<Json>(fuzz::text_of({data, size}));
  });
  if (!is_json || !settings.is_object()) return 0;
  fuzz::accepts("", [&] {
    const experiments::RunConfig config = experiments::make_config(settings);
    experiments::validate(config);
    const Json written = to_json(config);
    const Json read = nn::parse_json<Json>(written.dump());
    fuzz::check(to_json(experiments::make_config(read)) == written, "a config is what it was");
    experiments::describe(std::span(&config, 1));
  });
  return 0;
}
