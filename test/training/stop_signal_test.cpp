// SPDX-License-Identifier: MIT
#include "engine/process/stop_signal.h"

#include "experiments/runs/samples/training_data.h"
#include "experiments/training/evaluation.h"
#include "nn/model.h"
#include "test/support/heeds_stop.h"
#include "test/support/thread_count.h"
#include "test/support/tiny_dataset.h"

using namespace experiments;

TEST_CASE("a stop is heeded while a network is measured, by the first signal") {
  const test::TinyDataset files;
  const test::ThreadCount one(1);
  const TrainingData data("fashion-mnist", files.dir(), data::Device::cpu);
  const auto model = nn::make_model("resnet8", data.model_input(), data.device(), 1);
  const auto places = all_indices(data.about().test.labels.size());
  CHECK(logits_of(*model, data.test(), places).size() == 10 * places.size());
  CHECK(test::heeds_stop([&] { logits_of(*model, data.test(), places, true); }));
}
