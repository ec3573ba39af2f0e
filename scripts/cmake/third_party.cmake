# Libraries of others, each compiled once instead of in every file that includes them.
add_library(stack_asio STATIC ${CMAKE_CURRENT_LIST_DIR}/asio.cpp)
target_compile_definitions(stack_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
                                             BOOST_ASIO_DISABLE_BOOST_REGEX)
# GCC 12 takes a coroutine frame's recycling allocator for a mismatch once it is no longer inlined.
target_compile_options(stack_asio PUBLIC -Wno-mismatched-new-delete)
target_link_libraries(stack_asio PUBLIC Boost::headers Threads::Threads)
add_library(stack::asio ALIAS stack_asio)

add_library(stack_asio_ssl STATIC ${CMAKE_CURRENT_LIST_DIR}/asio_ssl.cpp)
target_link_libraries(stack_asio_ssl PUBLIC stack::asio OpenSSL::SSL)
add_library(stack::asio_ssl ALIAS stack_asio_ssl)

add_library(stack_beast STATIC ${CMAKE_CURRENT_LIST_DIR}/beast.cpp)
target_compile_definitions(stack_beast PUBLIC BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(stack_beast PUBLIC stack::asio)
add_library(stack::beast ALIAS stack_beast)

# What no two of Debian 12, Ubuntu 22.04 and 24.04 have the same becomes part of our programs, since one package is to run on all
# three: the C++ libraries of others, nghttp2, of which 22.04 has one that knows no priorities (RFC 9218), and zstd. The names are those that
# their own CMake files or pkg-config give them, the definitions those of the distribution's shared ones.
add_library(stack_fmt STATIC ${CMAKE_CURRENT_LIST_DIR}/fmt.cpp)
target_compile_definitions(stack_fmt PUBLIC FMT_SHARED)
add_library(fmt::fmt ALIAS stack_fmt)

add_library(stack_spdlog INTERFACE)
target_compile_definitions(stack_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
target_link_libraries(stack_spdlog INTERFACE fmt::fmt Threads::Threads)
add_library(spdlog::spdlog ALIAS stack_spdlog)

add_library(stack_json STATIC ${CMAKE_CURRENT_LIST_DIR}/json.cpp)
target_compile_definitions(stack_json PUBLIC BOOST_JSON_DYN_LINK BOOST_JSON_NO_LIB BOOST_CONTAINER_DYN_LINK BOOST_CONTAINER_NO_LIB)
target_link_libraries(stack_json PUBLIC Boost::headers)
add_library(Boost::json ALIAS stack_json)

# stack_archive(target archive module): the distribution's archive, with the compiler flags of its pkg-config module, if it has one.
function(stack_archive target archive module)
  find_library(MAINSTAY_${archive} ${archive} REQUIRED)
  string(MAKE_C_IDENTIFIER "stack_${archive}" name)
  add_library(${name} INTERFACE)
  if(module)
    pkg_check_modules(${module} REQUIRED ${module})
    target_compile_options(${name} INTERFACE ${${module}_CFLAGS_OTHER})
  endif()
  target_link_libraries(${name} INTERFACE ${MAINSTAY_${archive}} Threads::Threads)
  add_library(${target} ALIAS ${name})
endfunction()
stack_archive(PkgConfig::re2 libre2.a re2)
stack_archive(PkgConfig::nghttp2 libnghttp2.a "")
stack_archive(PkgConfig::zstd libzstd.a "")
stack_archive(yaml-cpp libyaml-cpp.a "")
