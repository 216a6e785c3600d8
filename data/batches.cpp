// SPDX-License-Identifier: MIT
#include "data/batches.h"

#include <algorithm>

#include "data/shuffle.h"

namespace data {

using engine::require;

DeviceImages::DeviceImages(const Images& images, const Dataset& about, Device device, DType type)
    : pixels_(Tensor::from(images.pixels.span(),
                           {images.count, images.height, images.width, images.channels}, device)),
      labels_(Tensor::from(std::span(images.labels), {images.count}, device)),
      crop_padding_(about.crop_padding),
      view_size_(about.view_size),
      centre_(about.centre),
      flip_(about.flip),
      type_(type) {
  require(images.channels <= int(mean_.size()), "{}: images of {} channels; {} at most", about.name,
          images.channels, mean_.size());
  std::copy_n(about.mean.begin(), images.channels, mean_.begin());
  std::copy_n(about.std.begin(), images.channels, std_.begin());
  for (const float std : std_)
    require(std > 0, "{}: a standard deviation of {} cannot normalise pixels", about.name, std);
}

View DeviceImages::view(bool augmented, std::uint64_t seed) const {
  if (view_size_ == 0)
    return engine::Augment{.pad = augmented ? crop_padding_ : 0,
                           .flip = augmented && flip_,
                           .mean = mean_,
                           .std = std_,
                           .seed = seed,
                           .type = type_};
  return engine::ResizedCrop{.size = view_size_,
                             .centre = centre_,
                             .random = augmented,
                             .flip = augmented && flip_,
                             .mean = mean_,
                             .std = std_,
                             .seed = seed,
                             .type = type_};
}

View mixed(View view, const engine::Mixing& mixing) {
  std::visit([&](auto& options) { options.mixing = mixing; }, view);
  return view;
}

std::vector<std::int32_t> epoch_order(const std::vector<std::int32_t>& samples, Order order,
                                      std::uint64_t seed, int epoch) {
  if (order == Order::sequential) return samples;
  return shuffled(samples, seed, kernels::Purpose::order, std::uint32_t(epoch));
}

Batches::Batches(const DeviceImages& images, const std::vector<std::int32_t>& order, int batch_size,
                 const View& view, const engine::StepState& step)
    : images_(images),
      step_(step),
      view_(view),
      batch_size_(batch_size),
      samples_(int(order.size())) {
  const int of = images.labels().shape()[0];
  require(batch_size >= 1 && batch_size <= samples_,
          "a batch size of {} does not fit: it must be between 1 and the number of images, {}",
          batch_size, samples_);
  const auto outside =
      std::find_if(order.begin(), order.end(), [&](std::int32_t at) { return at < 0 || at >= of; });
  require(outside == order.end(), "there is no sample {} in a data set of {}",
          outside == order.end() ? 0 : *outside, of);
  order_ = Tensor::from(std::span(order), {samples_}, images.device());
  std::visit([&](auto& options) { options.mixing.partners = order_; }, view_);
}

int Batches::count() const { return (samples_ + batch_size_ - 1) / batch_size_; }

int Batches::samples() const { return samples_; }

Tensor Batches::index(int batch) const {
  require(batch >= 0 && batch < count(), "there is no batch {} of {}", batch, count());
  const int first = batch * batch_size_;
  return order_.slice(std::size_t(first), {std::min(batch_size_, samples_ - first)});
}

Batch Batches::at(int batch) const { return of(index(batch)); }

Batch Batches::of(const Tensor& samples) const {
  if (const auto* crop = std::get_if<engine::ResizedCrop>(&view_))
    return engine::resized_crop(images_.pixels(), images_.labels(), samples, *crop, step_);
  return engine::augment(images_.pixels(), images_.labels(), samples,
                         std::get<engine::Augment>(view_), step_);
}

}  // namespace data
