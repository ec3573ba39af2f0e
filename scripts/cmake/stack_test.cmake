# all_tests: every test program, without the daemons that only the system tests need.
add_custom_target(all_tests)

# stack_test(name SOURCES … DEPS …): one Catch2 program, known to ctest as one test.
function(stack_test name)
  cmake_parse_arguments(test "" "" "SOURCES;DEPS" ${ARGN})
  stack_program(${name} SOURCES ${test_SOURCES} DEPS test_support ${test_DEPS})
  add_test(NAME ${name} COMMAND ${name})
  add_dependencies(all_tests ${name})
endfunction()
