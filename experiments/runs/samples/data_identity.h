// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

#include "data/dataset.h"
#include "experiments/runs/config.h"
#include "nn/files/safetensors.h"

/// The meaning of a network's inputs and outputs. Weight files and run directories hold it, so that
/// readers can tell whether a data set has the classes that the network knows.
namespace experiments {

struct DataIdentity {
  std::vector<std::string> classes = {};  // by output; empty: not known
  std::vector<double> mean = {},
                      std = {};  // of pixels scaled to [0, 1], by channel; empty: not known
  int height = 0, width = 0;     // of what the network sees; 0: not known
  /// How a picture of any size becomes that: "whole", it is resized, or "shorter_side=74", it is
  /// resized until its shorter side is that, and the centre is cut out.
  std::string resize = {};

  bool operator==(const DataIdentity&) const = default;
};

/// Of a data set. Bytes of a class name that is not UTF-8, as files must be, become "\xHH".
DataIdentity data_identity(const data::Dataset&);

/// A name as files can hold it, which are UTF-8: bytes of another become "\xHH".
std::string portable(const std::string& name);

Json to_json(const DataIdentity&);  // without what is not known

/// Writes and reads a weight file's metadata, "softlabel.classes" and others; see
/// docs/weight_files.md. What is not there is not known. Throws Error naming `source` if what is
/// there is damaged.
void put_data_identity(nn::TensorFile&, const DataIdentity&);
DataIdentity data_identity_in(const nn::TensorFile&, const std::string& source);

/// Where the outputs of a network are that knows the classes of a file, in the order of a data
/// set's: class i of `here` is class result[i] of `there`; empty if that is i for all. Throws
/// Error, with the first names on either side that the other lacks, unless both have the same
/// classes; and if their order differs and two have one name.
std::vector<int> class_order(const DataIdentity& there, const DataIdentity& here,
                             const std::string& source, const std::string& dataset);

/// Remarks for a user who feeds pictures of `here` to a network made for `there`, a line each:
/// classes are not known or were put into another order, pictures have another size or
/// normalisation.
std::vector<std::string> remarks(const DataIdentity& there, const DataIdentity& here,
                                 const std::string& source, const std::string& dataset);

/// Those of them that are about pictures.
std::vector<std::string> picture_remarks(const DataIdentity& there, const DataIdentity& here,
                                         const std::string& source, const std::string& dataset);

/// The first class that two lists have different, for people; empty if there is none.
std::string first_class_difference(const std::vector<std::string>& there,
                                   const std::vector<std::string>& here);

}  // namespace experiments
