# stack_test(name SOURCES … DEPS …): one Catch2 program, each of its cases a ctest case.
function(stack_test name)
  cmake_parse_arguments(test "" "" "SOURCES;DEPS" ${ARGN})
  stack_program(${name} SOURCES ${test_SOURCES} DEPS test_support ${test_DEPS})
  add_test(NAME ${name} COMMAND ${name})
endfunction()
