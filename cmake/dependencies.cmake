# Third-party libraries, all from Debian 12 packages (scripts/packages names them). Their headers
# are system headers: our warnings are not their business.
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED)  # Headers only.
find_package(OpenSSL 3.0 REQUIRED)
find_package(simdjson 3.0 REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(uring REQUIRED IMPORTED_TARGET liburing)
# Its CMake package would also look for curl and civetweb, which the core does without.
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)

if(AQUATIC_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
  # What the WebSocket codecs are compared with.
find_package(wslay REQUIRED)
find_package(nlohmann_json REQUIRED)
endif()
if(AQUATIC_BENCH)
  find_package(benchmark REQUIRED)
  pkg_check_modules(gnutls REQUIRED IMPORTED_TARGET gnutls)  # What OpenSSL is compared with.
endif()
