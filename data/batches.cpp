// SPDX-License-Identifier: MIT
#include "data/batches.h"

#include <algorithm>

#include "data/read_ahead.h"
#include "data/shuffle.h"
#include "kernels/mixing.h"

namespace data {

using engine::require;

DeviceImages::DeviceImages(const Images& images, const Dataset& about, Device device, DType type,
                           Keep keep)
    : shape_({images.height, images.width, images.channels}),
      labels_(Tensor::from(std::span(images.labels), {images.count}, device)),
      crop_padding_(about.crop_padding),
      view_size_(about.view_size),
      centre_(about.centre),
      flip_(about.flip),
      type_(type) {
  require(images.channels <= int(mean_.size()), "{}: images of {} channels; {} at most", about.name,
          images.channels, mean_.size());
  if (keep == Keep::on_device)
    pixels_ = Tensor::from(images.pixels.span(),
                           {images.count, images.height, images.width, images.channels}, device);
  else
    bytes_ = images.pixels;
  std::copy_n(about.mean.begin(), images.channels, mean_.begin());
  std::copy_n(about.std.begin(), images.channels, std_.begin());
  for (const float std : std_)
    require(std > 0, "{}: a standard deviation of {} cannot normalise pixels", about.name, std);
}

std::vector<std::uint8_t> DeviceImages::image(std::int32_t place) const {
  if (pixels_)
    return pixels_.slice(std::size_t(place) * shape_.size(), shape_).to_host<std::uint8_t>();
  std::vector<std::uint8_t> bytes(shape_.size());
  read({&place, 1}, bytes.data());
  return bytes;
}

void DeviceImages::read(std::span<const std::int32_t> places, std::uint8_t* to) const {
  const std::size_t size = shape_.size();
  for (const std::int32_t place : places) bytes_.will_read(std::size_t(place) * size, size);
  for (const std::int32_t place : places) {
    bytes_.read(std::size_t(place) * size, {to, size});
    to += size;
  }
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

/// Of images that are not on the device.
struct Batches::Reading {
  std::vector<std::int32_t> order;
  bool mixed;
  std::uint32_t epoch = 0;
  std::vector<BatchRows> wanted;
  std::size_t next = 0;  // in `wanted`
  Tensor images;         // [rows, or twice as many, h, w, c] u8: those that were fetched
  std::unique_ptr<ReadAhead> ahead;
};

Batches::~Batches() = default;

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
  std::visit(
      [&](auto& options) {
        options.mixing.partners = order_;
        options.gathered = !images.on_device();
      },
      view_);
  if (images.on_device()) return;
  reading_ = std::make_unique<Reading>();
  reading_->order = order;
  reading_->mixed = std::visit(
      [](const auto& options) { return options.mixing.mixup > 0 || options.mixing.cutmix > 0; },
      view_);
}

int Batches::count() const { return (samples_ + batch_size_ - 1) / batch_size_; }

int Batches::samples() const { return samples_; }

Tensor Batches::index(int batch) const {
  require(batch >= 0 && batch < count(), "there is no batch {} of {}", batch, count());
  const int first = batch * batch_size_;
  return order_.slice(std::size_t(first), {std::min(batch_size_, samples_ - first)});
}

void Batches::read_ahead(std::vector<BatchRows> wanted, std::uint32_t epoch) const {
  if (!reading_ || wanted.empty()) return;
  Reading& r = *reading_;
  r.ahead = nullptr;  // before what it reads is changed
  r.wanted = std::move(wanted);
  r.next = 0;
  r.epoch = epoch;
  const int rows = std::max_element(r.wanted.begin(), r.wanted.end(), [](auto& a, auto& b) {
                     return a.rows < b.rows;
                   })->rows;
  const engine::Shape& image = images_.shape();
  const engine::Shape shape{r.mixed ? 2 * rows : rows, image[0], image[1], image[2]};
  if (!r.images || r.images.shape() != shape)
    r.images = Tensor::empty(shape, images_.device(), DType::u8);
  const std::uint64_t seed =
      std::visit([](const auto& options) { return options.mixing.seed; }, view_);
  const auto read = [this, &r, seed](std::size_t piece, std::uint8_t* to) {
    const BatchRows& part = r.wanted[piece];
    const auto from = r.order.begin() + std::ptrdiff_t(part.batch) * batch_size_ + part.first;
    std::vector<std::int32_t> places(from, from + part.rows);
    if (r.mixed) {
      const kernels::Mixing mixing{
          .partners = r.order.data(), .partner_count = int(r.order.size()), .seed = seed};
      for (int i = 0; i < part.rows; ++i)
        places.push_back(kernels::partner_of(mixing, r.epoch, places[std::size_t(i)]));
    }
    images_.read(places, to);
    return places.size() * images_.shape().size();
  };
  r.ahead = std::make_unique<ReadAhead>(images_.device(), shape.size(), r.wanted.size(), read);
}

void Batches::fetch(const BatchRows& rows) const {
  if (!reading_) return;
  Reading& r = *reading_;
  if (r.next == r.wanted.size() || r.wanted[r.next] != rows) read_ahead({rows}, r.epoch);
  r.ahead->next(r.images.raw());
  ++r.next;
}

const void* Batches::fetched() const { return reading_ ? reading_->images.raw() : nullptr; }

Batch Batches::at(int batch) const {
  const Tensor samples = index(batch);
  fetch({batch, 0, samples.shape()[0]});
  return of(samples);
}

Batch Batches::of(const Tensor& samples) const {
  Tensor pixels = images_.pixels();
  if (reading_) {
    const engine::Shape& all = reading_->images.shape();
    const int count = samples.shape()[0] * (reading_->mixed ? 2 : 1);
    pixels = reading_->images.slice(0, {count, all[1], all[2], all[3]});
  }
  if (const auto* crop = std::get_if<engine::ResizedCrop>(&view_))
    return engine::resized_crop(pixels, images_.labels(), samples, *crop, step_);
  return engine::augment(pixels, images_.labels(), samples, std::get<engine::Augment>(view_),
                         step_);
}

}  // namespace data
