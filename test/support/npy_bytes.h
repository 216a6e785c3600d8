// SPDX-License-Identifier: MIT
#pragma once
#include <string>
#include <vector>

/// NumPy's arrays, sound and unsound, byte by byte.
namespace test {

/// A file of version 1 with the header as given and the values' bytes.
inline std::string npy_with_header(const std::string& header, const std::string& values) {
  return std::string("\x93NUMPY\x01\x00", 8) + char(header.size() & 0xff) +
         char(header.size() >> 8) + header + values;
}

/// As numpy.save writes it, padded to 64 bytes.
inline std::string npy(const std::string& descr, const std::string& shape,
                       const std::string& values, bool columns_first = false) {
  std::string header = "{'descr': '" + descr +
                       "', 'fortran_order': " + (columns_first ? "True" : "False") +
                       ", 'shape': (" + shape + "), }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  return npy_with_header(header + '\n', values);
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace test
