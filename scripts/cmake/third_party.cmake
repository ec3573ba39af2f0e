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
