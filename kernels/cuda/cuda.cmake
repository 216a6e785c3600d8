# The CUDA side of the kernels: compiled by nvcc (SOFTLABEL_CUDA=ON), or as C++ for the CUDA-on-host
# runtime of the tests (HOST).
file(GLOB cuda_sources CONFIGURE_DEPENDS kernels/cuda/*.cu)
file(GLOB cuda_host_sources CONFIGURE_DEPENDS kernels/cuda/*.cpp)
target_sources(softlabel_kernels PRIVATE ${cuda_host_sources})

# Where pip puts cuDNN (package nvidia-cudnn-cu13 and others), in the python that is first in PATH. Its
# library has no name without a version.
execute_process(COMMAND python3 -c "import nvidia.cudnn; print(list(nvidia.cudnn.__path__)[0])"
  OUTPUT_VARIABLE cudnn_of_pip OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)

# Finds the headers of cuDNN, near those of the toolkit if it can, and looks at their version.
function(softlabel_find_cudnn needed)
  set(how "install it (https://developer.nvidia.com/cudnn, or pip install nvidia-cudnn-cu13), or say where it is with -DCUDNN_INCLUDE_DIR=...")
  find_path(CUDNN_INCLUDE_DIR cudnn_version.h HINTS ${ARGN} ${cudnn_of_pip}/include)
  if(NOT CUDNN_INCLUDE_DIR)
    message(FATAL_ERROR "cuDNN ${needed} or newer is needed, but its headers were not found; ${how}")
  endif()
  file(STRINGS ${CUDNN_INCLUDE_DIR}/cudnn_version.h lines REGEX "define CUDNN_(MAJOR|MINOR) +[0-9]+")
  string(REGEX REPLACE ".*CUDNN_MAJOR +([0-9]+).*CUDNN_MINOR +([0-9]+).*" "\\1.\\2" version "${lines}")
  if(version VERSION_LESS needed)
    message(FATAL_ERROR "cuDNN ${needed} or newer is needed for its graph API, but ${CUDNN_INCLUDE_DIR} "
      "has ${version}; ${how}")
  endif()
endfunction()

# For GPUs of several ranks.
find_path(NCCL_INCLUDE_DIR nccl.h HINTS ${CUDAToolkit_INCLUDE_DIRS} ${CUDA_ON_HOST_TOOLKIT} ENV CUDA_PATH
  PATHS /usr/local/cuda PATH_SUFFIXES include)

if(SOFTLABEL_CUDA STREQUAL "HOST")
  add_subdirectory(test/cuda_on_host)
  softlabel_find_cudnn(9.8 ${CUDA_ON_HOST_TOOLKIT})
  target_include_directories(cuda_on_host SYSTEM PUBLIC ${CUDNN_INCLUDE_DIR})
  if(NCCL_INCLUDE_DIR)
    target_include_directories(cuda_on_host SYSTEM PUBLIC ${NCCL_INCLUDE_DIR})
    target_compile_definitions(cuda_on_host PUBLIC SOFTLABEL_HAS_NCCL=1)
  endif()
  cuda_on_host_sources(softlabel_kernels ${cuda_sources})
  option(SOFTLABEL_COVERAGE "Count how often each line of kernels/cuda runs, for test/cuda_on_host/coverage" OFF)
  if(SOFTLABEL_COVERAGE)
    set_property(SOURCE ${cuda_sources} ${cuda_host_sources} APPEND PROPERTY COMPILE_OPTIONS --coverage -O0)
    target_link_options(softlabel_kernels PUBLIC --coverage)
  endif()
else()
  find_package(CUDAToolkit 12.4 REQUIRED)
  set(CMAKE_CUDA_COMPILER ${CUDAToolkit_NVCC_EXECUTABLE} CACHE FILEPATH "nvcc")
  # For the GPU of this machine, if there is one; else for all that the toolkit can, the last by way of
  # PTX for newer ones too.
  execute_process(COMMAND nvidia-smi -L OUTPUT_VARIABLE gpus ERROR_QUIET)
  if(SOFTLABEL_NATIVE AND gpus MATCHES "^GPU" AND CMAKE_VERSION VERSION_GREATER_EQUAL 3.24)
    set(architectures native)
  elseif(CUDAToolkit_VERSION VERSION_GREATER_EQUAL 12.8)
    set(architectures 75-real 80-real 86-real 89-real 90-real 100-real 120)
  else()
    set(architectures 75-real 80-real 86-real 89-real 90)
  endif()
  set(CMAKE_CUDA_ARCHITECTURES ${architectures} CACHE STRING
    "Compute capabilities to compile for; \"native\" is the GPU of this machine")
  enable_language(CUDA)
  # The target is older than the variable.
  set_property(TARGET softlabel_kernels PROPERTY CUDA_ARCHITECTURES ${CMAKE_CUDA_ARCHITECTURES})
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 does not know that nvcc 13 can
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
  endif()
  set_source_files_properties(${cuda_sources} PROPERTIES COMPILE_OPTIONS
    "-Werror=all-warnings;-Xcompiler=-Wall,-Wextra")
  target_sources(softlabel_kernels PRIVATE ${cuda_sources})
  find_library(CUDNN_LIBRARY NAMES cudnn libcudnn.so.9 HINTS ${CUDAToolkit_LIBRARY_DIR} ${cudnn_of_pip}/lib REQUIRED)
  softlabel_find_cudnn(9.8 ${CUDAToolkit_INCLUDE_DIRS})
  target_include_directories(softlabel_kernels SYSTEM PRIVATE ${CUDNN_INCLUDE_DIR})
  target_link_libraries(softlabel_kernels PUBLIC CUDA::cudart_static PRIVATE CUDA::cublas ${CUDNN_LIBRARY})
  find_library(NCCL_LIBRARY NAMES nccl libnccl.so.2 HINTS ${CUDAToolkit_LIBRARY_DIR})
  if(NCCL_INCLUDE_DIR AND NCCL_LIBRARY)
    target_include_directories(softlabel_kernels SYSTEM PRIVATE ${NCCL_INCLUDE_DIR})
    target_compile_definitions(softlabel_kernels PRIVATE SOFTLABEL_HAS_NCCL=1)
    target_link_libraries(softlabel_kernels PRIVATE ${NCCL_LIBRARY})
  endif()
endif()
