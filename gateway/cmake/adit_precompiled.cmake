# Headers of others that most files include, compiled once for each kind of target: it halves the time of a build.
# Only headers of others: no file of Adit may come to depend on what is here, and `./dev lint` compiles without them.
set(adit_headers_std <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <cstring> <functional> <map> <memory>
  <mutex> <optional> <span> <string> <string_view> <system_error> <thread> <unordered_map> <utility> <variant> <vector>)
set(adit_headers_net ${adit_headers_std} <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
  <boost/asio/posix/stream_descriptor.hpp> <boost/asio/post.hpp> <boost/asio/steady_timer.hpp>)
set(adit_headers_cli ${adit_headers_net} <boost/json/array.hpp> <boost/json/object.hpp> <boost/json/parse.hpp>
  <boost/json/value.hpp> <CLI/App.hpp> <CLI/Config.hpp> <CLI/Error.hpp> <CLI/Formatter.hpp> <CLI/Option.hpp>
  <CLI/Validators.hpp>)
set(adit_headers_test ${adit_headers_std} <gmock/gmock.h> <gtest/gtest.h>)
set(adit_headers_test_net ${adit_headers_net} <gmock/gmock.h> <gtest/gtest.h>)

# What the compiler cache needs to see through a precompiled header; it also wants CCACHE_SLOPPINESS, which ./dev sets.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(adit_flags INTERFACE -fpch-preprocess)
else()
  target_compile_options(adit_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

# adit_precompile(TARGET KIND LINKS...): TARGET's files begin with the headers of KIND. What is linked gives include paths.
function(adit_precompile target kind)
  set(holder adit_precompiled_${kind})
  if(NOT TARGET ${holder})
    set(source ${CMAKE_BINARY_DIR}/precompiled/${kind}.cpp)
    if(NOT EXISTS ${source})
      file(WRITE ${source} "")
    endif()
    add_library(${holder} OBJECT ${source})
    target_link_libraries(${holder} PRIVATE adit_flags ${ARGN})
    target_precompile_headers(${holder} PRIVATE ${adit_headers_${kind}})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${holder})
endfunction()
