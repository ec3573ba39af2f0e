# Libraries of others, each compiled once instead of in every file that includes them.
add_library(stack_asio STATIC ${CMAKE_CURRENT_LIST_DIR}/asio.cpp)
target_compile_definitions(stack_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
                                             BOOST_ASIO_DISABLE_BOOST_REGEX)
target_link_libraries(stack_asio PUBLIC Boost::headers Threads::Threads)
add_library(stack::asio ALIAS stack_asio)

add_library(stack_beast STATIC ${CMAKE_CURRENT_LIST_DIR}/beast.cpp)
target_compile_definitions(stack_beast PUBLIC BOOST_BEAST_SEPARATE_COMPILATION)
target_link_libraries(stack_beast PUBLIC stack::asio)
add_library(stack::beast ALIAS stack_beast)
