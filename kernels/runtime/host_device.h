// SPDX-License-Identifier: MIT
#pragma once

/// Before functions that both devices run, so that they do the same.
#if defined(__CUDACC__)
#define SOFTLABEL_HOST_DEVICE __host__ __device__
#else
#define SOFTLABEL_HOST_DEVICE
#endif
