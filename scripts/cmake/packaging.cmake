# What is installed where, and the Debian packages made of it: `cmake --build DIR --target package_debs`, or cpack in DIR.
# A room installs its own program with stack_install; everything that stands in no room is installed here.
if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT)
  set(CMAKE_INSTALL_PREFIX / CACHE PATH "Destinations below name usr/, etc/ and lib/ themselves" FORCE)
endif()
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # packing does not build the tests

set(packaging_source ${PROJECT_SOURCE_DIR}/conf/packaging)
set(packaging_binary ${PROJECT_BINARY_DIR}/packaging)

# packaging_gzip(component file destination): compressed without a name and a time, so that twice is the same.
function(packaging_gzip component file destination)
  get_filename_component(name ${file} NAME)
  set(packed ${packaging_binary}/${component}/${name}.gz)
  add_custom_command(OUTPUT ${packed} COMMAND sh -c "gzip -9n <'${file}' >'${packed}'" DEPENDS ${file} VERBATIM)
  string(MAKE_C_IDENTIFIER "packed_${component}_${name}" target)
  add_custom_target(${target} ALL DEPENDS ${packed})
  add_dependencies(package_parts ${target})
  install(FILES ${packed} DESTINATION ${destination} COMPONENT ${component})
endfunction()

add_custom_target(package_parts)

# Of prometheus-cpp no two systems have the same, and there is no archive of it: the library we were built with comes along.
find_library(MAINSTAY_PROMETHEUS prometheus-cpp-core REQUIRED)
file(REAL_PATH ${MAINSTAY_PROMETHEUS} packaging_prometheus)
file(READ_SYMLINK ${MAINSTAY_PROMETHEUS} packaging_prometheus_name)

# stack_package(component PROGRAMS … CONFFILES … UNITS … PAGES … DEPENDS … RECOMMENDS … SUMMARY … TEXT …): mainstay-<component>.
# CONFFILES are installed by base name in /etc/mainstay. COMPLETES names the program that writes its shells' completions.
# ON_UPGRADE is what the maintainer script does to a running daemon. WATCHED is the program that brings prometheus-cpp along.
function(stack_package component)
  cmake_parse_arguments(package "" "WATCHED;COMPLETES;SUMMARY;TEXT;ON_UPGRADE;SYSUSERS;TMPFILES"
                        "PROGRAMS;CONFFILES;UNITS;PAGES;DOCS;DEPENDS;RECOMMENDS" ${ARGN})
  set(name mainstay-${component})
  set(binary ${packaging_binary}/${component})
  file(MAKE_DIRECTORY ${binary})

  if(package_PROGRAMS)
    install(TARGETS ${package_PROGRAMS} RUNTIME DESTINATION usr/bin COMPONENT ${component})
    add_dependencies(package_parts ${package_PROGRAMS})
  endif()
  if(package_WATCHED)
    set_target_properties(${package_WATCHED} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/${name}")
    install(FILES ${packaging_prometheus} DESTINATION usr/lib/${name} RENAME ${packaging_prometheus_name} COMPONENT ${component})
  endif()
  set(conffiles "")
  foreach(file IN LISTS package_CONFFILES)
    get_filename_component(base ${file} NAME)
    install(FILES ${PROJECT_SOURCE_DIR}/${file} DESTINATION etc/mainstay COMPONENT ${component})
    string(APPEND conffiles "/etc/mainstay/${base}\n")
  endforeach()
  set(control ${binary}/postinst ${binary}/prerm ${binary}/postrm)
  if(conffiles)
    file(WRITE ${binary}/conffiles "${conffiles}")
    list(APPEND control ${binary}/conffiles)
  endif()
  foreach(unit IN LISTS package_UNITS)
    install(FILES ${PROJECT_SOURCE_DIR}/conf/systemd/${unit} DESTINATION lib/systemd/system COMPONENT ${component})
  endforeach()
  foreach(page IN LISTS package_PAGES)
    string(REGEX MATCH "[0-9]$" section ${page})
    packaging_gzip(${component} ${PROJECT_SOURCE_DIR}/docs/man/${page} usr/share/man/man${section})
  endforeach()
  foreach(doc IN LISTS package_DOCS)
    packaging_gzip(${component} ${PROJECT_SOURCE_DIR}/docs/${doc} usr/share/doc/${name})
  endforeach()
  packaging_gzip(${component} ${packaging_source}/changelog usr/share/doc/${name})
  install(FILES ${packaging_source}/copyright DESTINATION usr/share/doc/${name} COMPONENT ${component})
  if(package_SYSUSERS)
    install(FILES ${packaging_source}/${package_SYSUSERS} DESTINATION usr/lib/sysusers.d RENAME ${name}.conf COMPONENT ${component})
  endif()
  if(package_TMPFILES)
    install(FILES ${packaging_source}/${package_TMPFILES} DESTINATION usr/lib/tmpfiles.d RENAME ${name}.conf COMPONENT ${component})
  endif()
  if(package_COMPLETES)
    set(program ${package_COMPLETES})
    foreach(place "bash|${program}|bash-completion/completions" "zsh|_${program}|zsh/vendor-completions"
                  "fish|${program}.fish|fish/vendor_completions.d")
      string(REPLACE "|" ";" place "${place}")
      list(POP_FRONT place shell file folder)
      file(MAKE_DIRECTORY ${binary}/${shell})
      add_custom_command(OUTPUT ${binary}/${shell}/${file}
        COMMAND sh -c "'$<TARGET_FILE:${program}>' completion ${shell} >'${binary}/${shell}/${file}'" DEPENDS ${program} VERBATIM)
      add_custom_target(completion_${program}_${shell} ALL DEPENDS ${binary}/${shell}/${file})
      add_dependencies(package_parts completion_${program}_${shell})
      install(FILES ${binary}/${shell}/${file} DESTINATION usr/share/${folder} COMPONENT ${component})
    endforeach()
  endif()

  # The scripts of the package manager. None enables or starts a unit: what is in /etc/mainstay is an example until
  # somebody has read it, and a virtual address taken by an example is an outage.
  string(REPLACE ";" " " units "${package_UNITS}")
  set(on_upgrade "${package_ON_UPGRADE}")
  set(on_install true)
  if(package_SYSUSERS)
    string(APPEND on_install "\n    systemd-sysusers ${name}.conf")
  endif()
  if(package_TMPFILES)
    string(APPEND on_install "\n    systemd-tmpfiles --create ${name}.conf")
  endif()
  foreach(script postinst prerm postrm)
    configure_file(${packaging_source}/${script}.in ${binary}/${script} @ONLY NEWLINE_STYLE UNIX FILE_PERMISSIONS
      OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
  endforeach()

  string(TOUPPER ${component} upper)
  list(JOIN package_DEPENDS ", " depends)
  list(JOIN package_RECOMMENDS ", " recommends)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name} PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_FILE_NAME DEB-DEFAULT PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${depends}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_RECOMMENDS "${recommends}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION net PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${control}" PARENT_SCOPE)
  set(CPACK_COMPONENT_${upper}_DESCRIPTION "${package_SUMMARY}\n${package_TEXT}" PARENT_SCOPE)
endfunction()

stack_package(lb
  PROGRAMS lbd lbctl WATCHED lbd COMPLETES lbctl
  CONFFILES conf/lbd.yaml
  UNITS lbd.service lbd.socket
  PAGES lbd.8 lbctl.1
  DOCS lbd.md security.md
  SUMMARY "HTTP load balancer that checks its endpoints"
  TEXT "lbd balances HTTP requests over endpoints which it checks, repeats what may be\nrepeated when one of them dies, and is upgraded without a lost request. lbctl\nspeaks to it from a shell."
  # A new lbd takes the listening sockets over from the old one; no request is lost.
  ON_UPGRADE "systemctl kill --signal=USR2 --kill-who=main lbd.service 2>/dev/null || true")

stack_package(vrrp
  PROGRAMS vrrpd vrrpctl WATCHED vrrpd COMPLETES vrrpctl
  CONFFILES conf/vrrpd.yaml
  UNITS vrrpd.service
  PAGES vrrpd.8 vrrpctl.1
  DOCS vrrpd.md
  DEPENDS iproute2 libnftables1
  SUMMARY "keeps virtual addresses on a node that lives (VRRPv3)"
  TEXT "vrrpd speaks VRRP version 3 (RFC 9568) with its peers and moves virtual\naddresses to the best node that is fit: whose load balancer, links and\nprograms are well. vrrpctl speaks to it from a shell."
  ON_UPGRADE "deb-systemd-invoke try-restart vrrpd.service || true")

stack_package(book
  PROGRAMS bookd WATCHED bookd
  CONFFILES conf/bookd.yaml
  UNITS bookd.service
  PAGES bookd.8
  RECOMMENDS mainstay-db
  SUMMARY "booking service of a small shop"
  TEXT "bookd shows a shop's guests a page, takes their bookings and keeps them in a\npair of MariaDB servers, or in a file when there is but one node."
  ON_UPGRADE "deb-systemd-invoke try-restart bookd.service || true")

file(GLOB packaging_backup_units RELATIVE ${PROJECT_SOURCE_DIR}/conf/systemd
     ${PROJECT_SOURCE_DIR}/conf/systemd/mainstay-backup-*)
stack_package(db
  PROGRAMS dbctl
  CONFFILES conf/dbctl.yaml conf/backup.conf
  UNITS ${packaging_backup_units}
  PAGES dbctl.8
  DOCS backup.md database.md
  SYSUSERS db.sysusers TMPFILES db.tmpfiles
  # Its account and folders are made by systemd's tools; a container has them without the whole of systemd.
  DEPENDS mariadb-client age zstd jq rsync "systemd-standalone-sysusers | systemd" "systemd-standalone-tmpfiles | systemd"
  RECOMMENDS mariadb-server mariadb-backup openssh-client
  SUMMARY "promotion and backups of a pair of MariaDB servers"
  TEXT "dbctl moves the writes of a replicating pair by rules that can be read, and\nrefuses what would lose an acknowledged transaction. The backups are\nencrypted, restored to see whether they are good, and lead back to any\nmoment."
  ON_UPGRADE "deb-systemd-invoke try-restart mainstay-backup-archive.service || true")

stack_package(node
  UNITS mainstay-node-metrics.service mainstay-node-metrics.timer mainstay-pki-renew.service mainstay-pki-renew.timer
  DEPENDS openssl ufw
  RECOMMENDS prometheus-node-exporter syslog-ng-core
  SUMMARY "what every machine of a fleet has"
  TEXT "A certificate that is renewed in time by the fleet's own authority, metrics of\nthe firewall, of certificates and of log lines that wait, and runbooks."
  ON_UPGRADE true)

install(PROGRAMS ${PROJECT_SOURCE_DIR}/scripts/pki ${PROJECT_SOURCE_DIR}/scripts/node-metrics DESTINATION usr/lib/mainstay COMPONENT node)
install(FILES ${PROJECT_SOURCE_DIR}/conf/syslog-ng/mainstay.conf ${PROJECT_SOURCE_DIR}/conf/syslog-ng/loki.conf
              ${PROJECT_SOURCE_DIR}/conf/syslog-ng/alloy.alloy DESTINATION usr/share/doc/mainstay-node/examples COMPONENT node)
install(PROGRAMS ${PROJECT_SOURCE_DIR}/scripts/db-node ${PROJECT_SOURCE_DIR}/scripts/backup_script.sh
                 ${PROJECT_SOURCE_DIR}/scripts/restore.sh DESTINATION usr/lib/mainstay COMPONENT db)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/scripts/backup_parts DESTINATION usr/lib/mainstay COMPONENT db
        FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
        DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(packaging_completions ${packaging_source}/completions)  # of the program that writes none itself
install(FILES ${packaging_completions}/dbctl.bash DESTINATION usr/share/bash-completion/completions RENAME dbctl COMPONENT db)
install(FILES ${packaging_completions}/_dbctl DESTINATION usr/share/zsh/vendor-completions COMPONENT db)
install(FILES ${packaging_completions}/dbctl.fish DESTINATION usr/share/fish/vendor_completions.d COMPONENT db)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/conf/mariadb DESTINATION usr/share/doc/mainstay-db/examples COMPONENT db)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/conf/examples DESTINATION usr/share/doc/mainstay-lb COMPONENT lb)
install(PROGRAMS ${PROJECT_SOURCE_DIR}/scripts/vrrpd-withdraw DESTINATION usr/lib/mainstay COMPONENT vrrp)
install(FILES ${packaging_source}/lb.overrides DESTINATION usr/share/lintian/overrides RENAME mainstay-lb COMPONENT lb)

# Runbooks as pages for a browser, which the load balancers show. By the distribution's Python, which has the module.
file(GLOB packaging_pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/*.md ${PROJECT_SOURCE_DIR}/docs/runbooks/*.md)
add_custom_command(OUTPUT ${packaging_binary}/node/pages/runbooks/README.html
  COMMAND /usr/bin/python3 -B ${PROJECT_SOURCE_DIR}/scripts/runbooks ${packaging_binary}/node/pages
  DEPENDS ${PROJECT_SOURCE_DIR}/scripts/runbooks ${packaging_pages} VERBATIM)
add_custom_target(package_pages DEPENDS ${packaging_binary}/node/pages/runbooks/README.html)
add_dependencies(package_parts package_pages)
install(DIRECTORY ${packaging_binary}/node/pages DESTINATION usr/share/mainstay COMPONENT node)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mainstay)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package has its own
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "Mainstay maintainers <maintainers@mainstay.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL lb vrrp book db node)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_PROJECT_CONFIG_FILE ${packaging_source}/cpack.cmake)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 1)  # the same bytes each time
set(CPACK_MONOLITHIC_INSTALL OFF)
set(CPACK_VERBATIM_VARIABLES ON)
include(CPack)

add_custom_target(package_debs COMMAND ${CMAKE_CPACK_COMMAND} DEPENDS package_parts USES_TERMINAL)
