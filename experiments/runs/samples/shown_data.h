// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "experiments/runs/samples/training_data.h"

/// What people see of a data set.
namespace experiments {

/// By class: its name, in UTF-8, or its number where the data set has no names.
std::vector<std::string> shown_classes(const data::Dataset&);

/// Which part of a data set samples are of.
enum class DataPart : std::uint8_t { train, test };

/// "cat/5.png", or "test image 12", counted from 0.
std::string image_name(const data::Dataset&, DataPart, std::int32_t index);

/// The image as networks see it but for cropping, at most 128 pixels wide, as a PNG file. Throws
/// Error if it cannot be made.
std::string image_png(const TrainingData&, DataPart, std::int32_t index);

}  // namespace experiments
