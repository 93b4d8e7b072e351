# Compiler, linker and cache: what every target of Adit is built with.
find_program(ADIT_CCACHE ccache)
if(ADIT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ADIT_CCACHE})
endif()
find_program(ADIT_MOLD mold)
if(ADIT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(adit_flags INTERFACE)
target_compile_options(adit_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Werror)
target_compile_definitions(adit_flags INTERFACE
  # One copy of each heavy header-only library, compiled in gateway/net/separate_compilation/.
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE
  # An exchange has up to four operations under way (read and write on either side); the default keeps two blocks.
  BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8)
if(ADIT_SANITIZE)
  target_compile_options(adit_flags INTERFACE -fsanitize=${ADIT_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(adit_flags INTERFACE -fsanitize=${ADIT_SANITIZE})
endif()
