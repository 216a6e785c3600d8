// SPDX-License-Identifier: MIT
#include <fmt/ranges.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <sstream>

#include "data/parallel.h"
#include "data/sets/image_list.h"
#include "engine/autograd.h"
#include "engine/ops.h"
#include "engine/process/progress.h"
#include "engine/process/stop_signal.h"
#include "engine/system/csv_field.h"
#include "experiments/command_line/command_line.h"
#include "experiments/command_line/machine.h"
#include "experiments/metrics/predictions.h"
#include "experiments/programs/programs.h"
#include "experiments/runs/checkpoint.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/system_error.h"

using namespace experiments;
using kernels::require;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t usual_batch = 256;

/// Standard input, which may come slowly. Throws Interrupted.
std::string standard_input() {
  std::string text;
  std::array<char, 1 << 16> block;
  for (ssize_t got = 1; got > 0;) {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    poll(&input, 1, -1);  // other than read(), it is not taken up again behind a signal
    if (stop_requested()) throw Interrupted("stopped");
    got = read(STDIN_FILENO, block.data(), block.size());
    kernels::require_system(got >= 0, "standard input cannot be read");
    text.append(block.data(), std::size_t(got));
  }
  return text;
}

/// The pictures that the command line names: files as they are, those in folders by their endings,
/// "-" for the lines of standard input.
std::vector<std::string> pictures_of(const std::vector<std::string>& words) {
  std::vector<std::string> pictures;
  const auto add = [&](const std::string& path) {
    // The system takes what stands before a NUL, as find -print0 writes it, for the name.
    const bool is_name = path.find('\0') == std::string::npos;
    std::error_code unknown;
    if (!is_name || !fs::is_directory(path, unknown)) return pictures.push_back(path);
    data::ImageList list{path};
    data::FolderWalk walk;
    const std::size_t before = pictures.size();
    for (const std::string& name : data::pictures_below(list, "", walk))
      pictures.push_back((fs::path(path) / name).string());
    if (const std::string skipped = walk.skipped(); !skipped.empty())
      note(fmt::format("{}: {}", data::shown(path), skipped));
    for (const std::string& remark : list.remarks) note(remark);
    for (const data::ImageList::Bad& bad : list.bad)
      pictures.push_back((fs::path(path) / bad.path).string());  // its line will say why
    require(pictures.size() > before, "{} has no pictures", path);
  };
  for (const std::string& word : words) {
    if (word != "-") {
      add(word);
      continue;
    }
    std::string text = standard_input();
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // of a list made on Windows
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty()) add(line);
    }
  }
  require(!pictures.empty(), "there are no pictures");
  return pictures;
}

double temperature_for(const Classifier& classifier, const std::optional<double>& asked,
                       const std::string& weights) {
  if (asked) return *asked;
  const std::optional<double>& fitted = classifier.temperature;
  note(fitted
           ? fmt::format("temperature {:.4g}, fitted on the validation images of the run", *fitted)
           : fmt::format("temperature 1: {} has no result of its run beside it with a fitted one",
                         weights));
  return fitted.value_or(1);
}

/// The answer for one picture.
struct Answer {
  std::string picture, error;  // no probabilities if there is an error
  std::vector<double> probabilities;
};

class Writer {
 public:
  Writer(std::string format, const std::vector<std::string>& classes, std::size_t top)
      : format_(std::move(format)), classes_(classes), top_(std::min(top, classes.size())) {
    if (format_ != "csv") return;
    std::string line = "picture";
    for (std::size_t k = 1; k <= top_; ++k) line += fmt::format(",class_{0},probability_{0}", k);
    fmt::print("{},error\n", line);
  }

  void write(const Answer& p) const {
    std::vector<std::size_t> best;
    for (std::size_t i = 0; i < p.probabilities.size(); ++i) best.push_back(i);
    std::stable_sort(best.begin(), best.end(), [&](std::size_t a, std::size_t b) {
      return p.probabilities[a] > p.probabilities[b];
    });
    best.resize(std::min(best.size(), top_));
    if (format_ == "json")
      write_json(p, best);
    else if (format_ == "csv")
      write_csv(p, best);
    else
      write_text(p, best);
  }

 private:
  void write_text(const Answer& p, const std::vector<std::size_t>& best) const {
    std::string line = data::shown(p.picture) + ":";
    for (const std::size_t i : best)
      line += fmt::format("{}  {} {:.1f} %", i == best.front() ? "" : ",", data::shown(classes_[i]),
                          100 * p.probabilities[i]);
    fmt::print("{}{}\n", line, p.error.empty() ? "" : "  " + p.error);
  }

  void write_json(const Answer& p, const std::vector<std::size_t>& best) const {
    Json json = {{"picture", p.picture}};
    if (!p.error.empty()) json["error"] = p.error;
    for (const std::size_t i : best)
      json["top"].push_back({{"class", classes_[i]}, {"probability", p.probabilities[i]}});
    fmt::print("{}\n", to_text(json));
  }

  void write_csv(const Answer& p, const std::vector<std::size_t>& best) const {
    std::string line = csv_field(p.picture);
    for (std::size_t k = 0; k < top_; ++k)
      line += k < best.size() ? fmt::format(",{},{:.6f}", csv_field(classes_[best[k]]),
                                            p.probabilities[best[k]])
                              : ",,";
    fmt::print("{},{}\n", line, csv_field(p.error));
  }

  std::string format_;
  const std::vector<std::string>& classes_;
  std::size_t top_;
};

/// Reads and classifies some pictures.
std::vector<Answer> answers_for(const Classifier& classifier, nn::Device device,
                                std::span<const std::string> pictures, double temperature) {
  const data::NetworkView& view = classifier.view;
  const std::size_t size = std::size_t(view.size) * view.size * view.channels;
  std::vector<float> pixels(pictures.size() * size);
  std::vector<Answer> all(pictures.size());
  data::in_parallel(pictures.size(), [&](std::size_t i) {
    if (stop_requested()) throw Interrupted("stopped");
    all[i].picture = pictures[i];
    try {
      data::read_view(pictures[i], view, pixels.data() + i * size);
    } catch (const kernels::Error& e) {
      all[i].error = data::reason_of(e, pictures[i]);
    }
  });
  const engine::NoGrad no_grad;
  engine::Tensor images = engine::Tensor::from(
      pixels, {int(pictures.size()), view.size, view.size, view.channels}, device);
  if (classifier.type != images.dtype()) {
    const engine::Tensor exact = images;
    images = engine::Tensor::empty(exact.shape(), device, classifier.type);
    engine::convert(exact, images);
  }
  const std::vector<float> logits = classifier.model->forward(images, nn::Mode::eval).to_host();
  require(all_finite(logits),
          "the network's outputs are not finite: its training has diverged, or the weight file is "
          "damaged");
  const std::size_t classes = classifier.data.classes.size();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].error.empty())
      all[i].probabilities = softmax(std::span(logits).subspan(i * classes, classes), temperature);
  return all;
}

}  // namespace

int experiments::predict_main(int argc, char** argv) {
  CLI::App app("Says what pictures show, by a network that train made.", "predict");
  Machine machine;
  std::string weights, format = "text";
  std::optional<double> temperature;  // none: auto
  std::vector<std::string> words;
  int top = 1;
  kernels::Precision precision = kernels::Precision::f32;

  add_path(app, "--weights", weights, "weight file, with its run's result.json beside it", "FILE")
      ->required();
  add_value(app, "--top", top, "so many classes of each picture, the most probable first",
            from(1, 1000000))
      ->default_str("1");
  add_choice(app, "--format", "a line a picture", {"text", "csv", "json"},
             [&](const std::string& name) { format = name; })
      ->default_str(format);
  add_temperature(app, temperature);
  app.add_option("PATH", words, "pictures, folders of pictures, or - for a list on standard input")
      ->required()
      ->type_name("");
  add_precision(app, precision)->group("Machine");
  machine.add_device_options(app);
  app.footer("\nExample:\n  predict --weights runs/a/best.safetensors --top 3 photos/\n");

  return run_program(app, argc, argv, [&] {
    const std::vector<std::string> pictures = pictures_of(words);
    const nn::Device device = machine.start(precision);
    const Classifier classifier =
        load_classifier(weights, device, kernels::activation_type(precision));
    const double t = temperature_for(classifier, temperature, weights);
    const Writer writer(format, classifier.data.classes, std::size_t(top));
    std::size_t bad = 0;
    {
      std::optional<Progress> progress;
      if (pictures.size() > usual_batch)
        progress.emplace("predict", double(pictures.size()), "pictures");
      std::size_t batch_size = usual_batch;
      for (std::size_t i = 0; i < pictures.size();) {
        const auto some = std::span(pictures).subspan(i, std::min(batch_size, pictures.size() - i));
        std::vector<Answer> answers;
        try {
          answers = answers_for(classifier, device, some, t);
        } catch (const kernels::OutOfMemory&) {
          if (some.size() == 1) throw;
          batch_size = some.size() / 2;
          continue;
        }
        for (const Answer& p : answers) {
          bad += !p.error.empty();
          writer.write(p);
        }
        if (progress) progress->advance(double(some.size()));
        i += some.size();
      }
    }
    require(bad == 0, "{} of {} pictures cannot be read", bad, pictures.size());
  });
}
