// A network of one's own in train, evaluate and predict, with all that these do.
#include <cstring>

#include "engine/ops.h"
#include "experiments/programs/programs.h"
#include "nn/layers.h"

/// Three convolutions and a linear layer.
class Little : public nn::Model {
 public:
  explicit Little(const nn::ModelInput& input) {
    nn::check_input(input, 8);
    int channels = input.channels;
    for (int i = 0; i < 3; ++i) {
      const int width = 16 << i;
      const std::string number = std::to_string(i + 1);
      conv_[i] = nn::Conv(parameters_, "conv" + number, channels, width, /*window=*/3,
                          /*stride=*/i == 0 ? 1 : 2, nn::fan_in_uniform(9 * channels));
      norm_[i] = nn::BatchNorm(parameters_, "bn" + number, width);
      channels = width;
    }
    linear_ =
        nn::Linear(parameters_, "linear", channels, input.classes, nn::fan_in_uniform(channels));
  }

  nn::Tensor forward(const nn::Tensor& images, nn::Mode mode) override {
    if (mode != nn::Mode::eval) ++batches_tracked;
    nn::Tensor x = images;
    for (int i = 0; i < 3; ++i) x = norm_[i](conv_[i](x), mode, /*relu=*/true);
    return linear_(engine::global_avg_pool(x));
  }

 private:
  nn::Conv conv_[3];
  nn::BatchNorm norm_[3];
  nn::Linear linear_;
};

int main(int argc, char** argv) {
  nn::register_model("little",
                     [](const nn::ModelInput& input) { return std::make_unique<Little>(input); });
  // own_network train --model little ..., own_network evaluate --weights ...
  const char* program = argc > 1 ? argv[1] : "";
  if (std::strcmp(program, "evaluate") == 0) return experiments::evaluate_main(argc - 1, argv + 1);
  if (std::strcmp(program, "predict") == 0) return experiments::predict_main(argc - 1, argv + 1);
  if (std::strcmp(program, "export") == 0) return experiments::export_main(argc - 1, argv + 1);
  return experiments::train_main(argc - 1, argv + 1);
}
