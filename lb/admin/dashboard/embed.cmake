# Writes OUTPUT, a C++ file that holds the page in FOLDER with its style and script inside.
file(READ ${FOLDER}/page.html page)
file(READ ${FOLDER}/style.css style)
foreach(part IN ITEMS words chart page)
  file(READ ${FOLDER}/${part}.js text)
  string(APPEND script "${text}")
endforeach()
string(REPLACE "/*STYLE*/" "${style}" page "${page}")
string(REPLACE "/*SCRIPT*/" "${script}" page "${page}")
file(WRITE ${OUTPUT} "// Generated from lb/admin/dashboard.
#include \"lb/admin/dashboard.hpp\"

namespace lb::admin {
const std::string_view kDashboard = R\"~~~(${page})~~~\";
}  // namespace lb::admin
")
