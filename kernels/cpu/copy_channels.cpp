// SPDX-License-Identifier: MIT
#include "kernels/copy_channels.h"

#include <cstring>

#include "kernels/cpu/parallel.h"

namespace kernels {

void run(Cpu, const CopyChannels& op) {
  with_type(op.y.type, [&](auto type) {
    using T = decltype(type);
    const T* x = op.x.rows_as<T>();
    T* y = op.y.rows_as<T>();
    const std::size_t x_pitch = op.x.pitch_of(op.channels), y_pitch = op.y.pitch_of(op.channels);
#pragma omp parallel for schedule(static) if (std::size_t(op.rows) * op.channels >= parallel_from)
    for (int i = 0; i < op.rows; ++i) {
      std::memcpy(y + i * y_pitch, x + i * x_pitch, sizeof(T) * op.channels);
    }
  });
}

}  // namespace kernels
