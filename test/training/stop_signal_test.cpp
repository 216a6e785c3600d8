// SPDX-License-Identifier: MIT
#include "engine/system/stop_signal.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "experiments/runs/samples/training_data.h"
#include "experiments/training/evaluation.h"
#include "nn/model.h"
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
  const pid_t child = fork();  // a stop cannot be taken back
  REQUIRE(child >= 0);
  if (child == 0) {
    catch_stop_signals();
    std::raise(SIGTERM);
    try {
      logits_of(*model, data.test(), places, true);
    } catch (const Interrupted&) {
      _exit(7);
    }
    _exit(1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 7));
}
