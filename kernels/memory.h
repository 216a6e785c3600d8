// SPDX-License-Identifier: MIT
#pragma once
#include "kernels/device.h"

/// The few things an engine needs from a device besides its operations.
namespace kernels {

/// At least 64-byte aligned memory straight from the system or the driver; the engine's pool is the
/// only caller. Throws Error with the size that was asked for.
void* raw_alloc(Device, std::size_t bytes);
void raw_free(Device, void*) noexcept;

/// Copies between any two places; on return the bytes have arrived if either side is the host,
/// and are queued in stream order otherwise.
void copy(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes);

/// Sets `bytes` bytes to `value`.
void fill_bytes(Device, void* at, int value, std::size_t bytes);

/// Waits until everything queued on the device is done.
void synchronize(Device);

/// Threads that cpu kernels use; results repeat bit for bit for the same number.
void set_threads(int count);
int threads();

}  // namespace kernels
