# The warnings every room and test is built with.
add_library(stack_warnings INTERFACE)
target_compile_options(stack_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                                                -Wnon-virtual-dtor -Wold-style-cast)

# stack_library(room::part SOURCES … HEADERS … DEPS …): one room. HEADERS are its public face; headers
# listed in SOURCES are private. Link the alias, never the underlying name.
function(stack_library alias)
  cmake_parse_arguments(room "" "" "SOURCES;HEADERS;DEPS" ${ARGN})
  string(REPLACE "::" "_" target ${alias})
  if(room_SOURCES)
    add_library(${target} STATIC ${room_SOURCES})
    set(visibility PUBLIC)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:stack_warnings>)
  else()
    add_library(${target} INTERFACE)
    set(visibility INTERFACE)
  endif()
  add_library(${alias} ALIAS ${target})
  target_sources(${target} ${visibility}
    FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${room_HEADERS})
  target_link_libraries(${target} ${visibility} ${room_DEPS})
endfunction()

# stack_program(name SOURCES … DEPS …): one executable in bin/.
function(stack_program name)
  cmake_parse_arguments(program "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${program_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE stack_warnings ${program_DEPS})
endfunction()
