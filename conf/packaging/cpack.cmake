# Read by cpack before it packs.
set(SHLIBDEPS_EXECUTABLE ${CMAKE_CURRENT_LIST_DIR}/shlibdeps CACHE FILEPATH "")
