# What is installed beside the programs, and the Debian package: cpack -G DEB in the build directory.

# Manual pages and completions come from the program itself.
find_program(VIGIE_GZIP gzip REQUIRED)
set(pages ${CMAKE_BINARY_DIR}/man)
file(MAKE_DIRECTORY ${pages} ${CMAKE_BINARY_DIR}/completions)
add_executable(man-pages tools/man_pages.cpp)
target_link_libraries(man-pages PRIVATE yaml-cpp vigie_flags)
set_target_properties(man-pages PROPERTIES CXX_CLANG_TIDY "")
add_custom_command(OUTPUT ${pages}/vigie.1 ${pages}/vigie.yaml.5 ${pages}/vigie.1.gz ${pages}/vigie.yaml.5.gz
  COMMAND vigie commands > ${pages}/commands.json
  COMMAND man-pages ${pages}/commands.json ${CMAKE_SOURCE_DIR}/controller/config.schema.yaml ${PROJECT_VERSION} ${pages}
  COMMAND ${VIGIE_GZIP} -9nkf ${pages}/vigie.1 ${pages}/vigie.yaml.5
  DEPENDS vigie man-pages ${CMAKE_SOURCE_DIR}/controller/config.schema.yaml VERBATIM
  COMMENT "Writing manual pages")
set(completions ${CMAKE_BINARY_DIR}/completions)
add_custom_command(OUTPUT ${completions}/vigie ${completions}/_vigie ${completions}/vigie.fish
  COMMAND vigie completion bash > ${completions}/vigie
  COMMAND vigie completion zsh > ${completions}/_vigie
  COMMAND vigie completion fish > ${completions}/vigie.fish
  DEPENDS vigie VERBATIM
  COMMENT "Writing completions")
add_custom_target(pages ALL DEPENDS ${pages}/vigie.1.gz ${pages}/vigie.yaml.5.gz
  ${completions}/vigie ${completions}/_vigie ${completions}/vigie.fish)

install(FILES ${pages}/vigie.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${pages}/vigie.yaml.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${completions}/vigie DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions}/_vigie DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${completions}/vigie.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

install(FILES manifests/systemd/vigie.service manifests/systemd/vigie-attach.socket DESTINATION lib/systemd/system)
# systemd looks for programs in bin only: the helper's path is that of this installation, which cpack decides when it installs.
install(CODE "
  file(READ \"${CMAKE_SOURCE_DIR}/manifests/systemd/vigie-attach@.service\" unit)
  string(REPLACE /usr/libexec/ \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBEXECDIR}/\" unit \"\${unit}\")
  file(WRITE \"${CMAKE_BINARY_DIR}/vigie-attach@.service\" \"\${unit}\")
  file(INSTALL \"${CMAKE_BINARY_DIR}/vigie-attach@.service\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")")

install(DIRECTORY crd DESTINATION ${CMAKE_INSTALL_DATADIR}/vigie COMPONENT documentation)
install(DIRECTORY manifests/prometheus manifests/grafana DESTINATION ${CMAKE_INSTALL_DATADIR}/vigie)
# The documentation as it lies in the tree, so that its links lead somewhere (tests/links_test.py). What is elsewhere already is a link.
install(FILES README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md manifests/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT documentation)
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documentation PATTERN "*.in" EXCLUDE)
install(FILES manifests/vigie.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT documentation)
file(RELATIVE_PATH data /${CMAKE_INSTALL_DOCDIR} /${CMAKE_INSTALL_DATADIR}/vigie)
foreach(link "crd ${data}/crd" "LICENSE copyright")
  string(REPLACE " " ";" link ${link})
  list(GET link 0 name)
  list(GET link 1 target)
  install(CODE "file(CREATE_LINK ${target} \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}/${name}\" SYMBOLIC)"
    COMPONENT documentation)
endforeach()

# Debian wants both of its changelogs packed. SOURCE_DATE_EPOCH is heeded.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(changelog ${CMAKE_BINARY_DIR}/changelog)
file(MAKE_DIRECTORY ${changelog})
configure_file(CHANGELOG.md ${changelog}/changelog COPYONLY)
configure_file(manifests/debian/changelog.in ${changelog}/changelog.Debian @ONLY)
execute_process(COMMAND ${VIGIE_GZIP} -9nkf ${changelog}/changelog ${changelog}/changelog.Debian COMMAND_ERROR_IS_FATAL ANY)
install(FILES ${changelog}/changelog.gz ${changelog}/changelog.Debian.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME vigie)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "vigie maintainers <maintainers@vigie.dev>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "monitoring stack on Docker hosts, converged to a document in git")
set(CPACK_PACKAGE_DESCRIPTION
"vigie keeps a monitoring stack that lives on a few Docker hosts (Prometheus,
Alertmanager, exporters, tracing, and the WireGuard tunnel and firewall rules
between the hosts) converged to one MonitoringStack document in git.
.
The same agent runs on each host. It pulls the repository, renders what the
host must look like, shows the difference, applies only that difference as one
transaction, proves by observation that it took effect, and puts the host back
if it did not.")
set(CPACK_STRIP_FILES TRUE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE https://vigie.dev)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# systemd-run, which starts the guard, speaks over the system bus.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "ca-certificates, default-dbus-system-bus | dbus-system-bus, init-system-helpers (>= 1.52), iproute2, procps, systemd, wireguard-tools")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS
  "docker.io | docker-ce, docker-compose-plugin | docker-compose-v2 | docker-compose, ufw")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_SOURCE_DIR}/manifests/debian/postinst ${CMAKE_SOURCE_DIR}/manifests/debian/prerm ${CMAKE_SOURCE_DIR}/manifests/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
include(CPack)
