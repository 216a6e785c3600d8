// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>
#include <vector>

#include "experiments/runs/samples/training_data.h"
#include "nn/files/safetensors.h"

/// Files with a row of numbers for each sample of a training set: soft labels from anywhere, and
/// what a teacher said. They are safetensors, or one array as numpy.save writes it. In safetensors
/// the rows are the tensor with the name of their kind, or else the only one with two axes; the
/// tensor `index`, if there is one, says which sample of the training set each row is for, or names
/// of pictures in the metadata do, and `labels` which hard label that has. See docs/soft_labels.md.
namespace experiments {

enum class RowKind : std::uint8_t { probabilities, logits };

template <>
inline constexpr auto names_of<RowKind> = std::to_array<std::string_view>({"probabilities",
                                                                           "logits"});

/// Furthest that a row of probabilities may be from summing to 1: what bfloat16's rounding does.
inline constexpr double sum_tolerance = 0.002;

/// Rows for samples of a data set's training set, with its classes in its order.
struct SampleRows {
  std::vector<float> values;         // [rows, classes], all finite; probabilities sum to 1
  std::vector<std::int32_t> row_of;  // by index in the training set; -1: the file has none
};

/// Reads such a file. Classes that it names are matched as those of weight files are, see
/// class_order. Whole numbers as probabilities are counts, and divided by their sum; so are
/// fractions, once they are known to sum to 1 within sum_tolerance. Without `index` and names there
/// is a row for each training sample in the data set's order, with or without its own validation
/// set, which comes last. Rows for named pictures that are not in the training set are passed over.
/// Says in a line how often a row's largest value is at the sample's hard label.
///
/// Throws Error naming the file, the fact and the row (from 0): for what read_safetensors and
/// read_npy refuse, several tensors that might be meant, another shape or type, values that are
/// negative or not finite, rows that do not sum to 1, an index that is out of range or there twice,
/// and for a file of other classes, hard labels or images than the data set's.
SampleRows read_sample_rows(const std::filesystem::path&, RowKind, const TrainingData&);

/// Throws for what can be told without the data set and without reading the values.
void check_sample_rows(const std::filesystem::path&, RowKind);

/// The rows of some samples, [samples, classes]. Throws Error naming `source` if there is none of
/// one of them.
std::vector<float> rows_of(const SampleRows&, const std::vector<std::int32_t>& samples, int classes,
                           const std::string& source);

/// Of a file's metadata: "train" or "test", of which set the samples are.
inline constexpr const char* set_key = "softlabel.set";

/// Adds what tells such a file's reader which samples its rows are for.
void put_samples(nn::TensorFile&, const TrainingData&, bool of_test_set,
                 const std::vector<std::int32_t>& indices);

}  // namespace experiments
