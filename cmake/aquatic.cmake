# The functions that CMakeLists.txt is written in. One folder of src/ is one library; its tests
# are the same folder of tests/. Sources are globbed, so adding a file edits no build file.

# aquatic_library(NAME [LINKS library…]): the folder src/NAME, depending on base and LINKS.
function(aquatic_library name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cc)
  if(sources)
    add_library(${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(aquatic::${name} ALIAS ${name})
  target_include_directories(${name} ${scope} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} ${scope} ${ARG_LINKS})
  if(NOT name STREQUAL "base")
    target_link_libraries(${name} ${scope} base)
  endif()
  aquatic_check_headers(${name})
endfunction()

# Compiles each header of the folder src/NAME alone, so that none leans on what its includers
# happen to have included before it.
function(aquatic_check_headers name)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.h)
  if(NOT headers OR NOT AQUATIC_CHECK_HEADERS)
    return()
  endif()
  set(sources "")  # Functions see the variables of their callers.
  foreach(header IN LISTS headers)
    file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR}/src ${header})
    set(alone ${PROJECT_BINARY_DIR}/headers/${path}.cc)
    file(CONFIGURE OUTPUT ${alone} CONTENT "#include \"${path}\"\n")
    list(APPEND sources ${alone})
  endforeach()
  add_library(${name}_headers OBJECT ${sources})
  target_link_libraries(${name}_headers PRIVATE ${name})
endfunction()

# aquatic_executable(NAME NAMES link…): src/main.cc, with a link for each further name.
function(aquatic_executable name)
  cmake_parse_arguments(ARG "" "" "NAMES;LINKS" ${ARGN})
  add_executable(${name} ${PROJECT_SOURCE_DIR}/src/main.cc)
  target_link_libraries(${name} PRIVATE ${ARG_LINKS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  foreach(link IN LISTS ARG_NAMES)
    add_custom_command(TARGET ${name} POST_BUILD VERBATIM
      COMMAND ${CMAKE_COMMAND} -E create_symlink ${name} ${PROJECT_BINARY_DIR}/${link})
  endforeach()
  include(GNUInstallDirs)
  install(TARGETS ${name})
  foreach(link IN LISTS ARG_NAMES)
    install(FILES ${PROJECT_BINARY_DIR}/${link} DESTINATION ${CMAKE_INSTALL_BINDIR})
  endforeach()
  aquatic_manual(${name} ${ARG_NAMES})
endfunction()

# Has the executable print the pages of the manual, one for each of its names.
function(aquatic_manual executable)
  if(CMAKE_CROSSCOMPILING)
    return()
  endif()
  set(folder ${PROJECT_BINARY_DIR}/man)
  file(MAKE_DIRECTORY ${folder})
  foreach(page IN LISTS ARGV)
    add_custom_command(OUTPUT ${folder}/${page}.1 DEPENDS ${executable} VERBATIM
      COMMAND ${PROJECT_BINARY_DIR}/${page} --print-manual > ${folder}/${page}.1)
    list(APPEND pages ${folder}/${page}.1)
  endforeach()
  add_custom_target(manual ALL DEPENDS ${pages})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endfunction()

# aquatic_test_support(NAME FOLDER [LINKS library…]): a folder that the tests of several others
# share, without those below it.
function(aquatic_test_support name folder)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cc)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC ${ARG_LINKS})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# aquatic_test(FOLDER [LINKS library…]): one test executable from tests/FOLDER/**/*_test.cc, run in
# the root of the project. Its sources know no path of this machine, so that the compiler cache
# serves every checkout.
function(aquatic_test folder)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*.cc)
  if(NOT sources)
    return()
  endif()
  set(target ${folder}_test)
  add_executable(${target} ${sources})
  target_link_libraries(${target} PRIVATE ${ARG_LINKS}
    GTest::gmock GTest::gtest_main rapidcheck rapidcheck_gtest)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  gtest_discover_tests(${target} TEST_PREFIX ${folder}/ DISCOVERY_TIMEOUT 60
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    PROPERTIES TIMEOUT 600)
endfunction()

# aquatic_fuzz(NAME LINKS library…): fuzz/NAME_fuzz.cc. Under the fuzz preset a libFuzzer binary;
# in every other build a test that replays fuzz/corpus/NAME.
function(aquatic_fuzz name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  set(target ${name}_fuzz)
  set(corpus ${PROJECT_SOURCE_DIR}/fuzz/corpus/${name})
  if(AQUATIC_FUZZ)
    add_executable(${target} ${PROJECT_SOURCE_DIR}/fuzz/${name}_fuzz.cc)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  elseif(AQUATIC_TESTS)
    add_executable(${target} ${PROJECT_SOURCE_DIR}/fuzz/${name}_fuzz.cc
                             ${PROJECT_SOURCE_DIR}/fuzz/replay_main.cc)
    add_test(NAME fuzz/${name} COMMAND ${target} ${corpus})
  else()
    return()
  endif()
  target_link_libraries(${target} PRIVATE ${ARG_LINKS})
endfunction()

# aquatic_bench(NAME LINKS library…): bench/NAME_*.cc.
function(aquatic_bench name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/${name}_*.cc)
  add_executable(${name}_bench ${sources})
  target_link_libraries(${name}_bench PRIVATE ${ARG_LINKS} benchmark::benchmark)
  target_include_directories(${name}_bench PRIVATE ${PROJECT_SOURCE_DIR})
endfunction()

# aquatic_embed(LIBRARY HEADER [CONSTANT FILE]…): puts files into a library as they are, each as the
# std::string_view that the header declares in namespace aquatic::server. Paths are those in src/.
function(aquatic_embed library header)
  set(definitions "")
  while(ARGN)
    list(POP_FRONT ARGN constant path)
    set_property(DIRECTORY APPEND PROPERTY
      CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${path})
    file(READ ${PROJECT_SOURCE_DIR}/src/${path} content)
    string(APPEND definitions "const std::string_view ${constant} = R\"EMBED(${content})EMBED\";\n")
  endwhile()
  set(source ${PROJECT_BINARY_DIR}/embedded/${header}.cc)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
    "#include \"${header}\"\n\nnamespace aquatic::server {\n\n@definitions@\n}\n")
  target_sources(${library} PRIVATE ${source})
endfunction()
