# Writes OUTPUT, a C++ file that holds FILE as text.
file(READ ${FILE} text)
file(WRITE ${OUTPUT} "// Generated from lb/admin/dashboard/dashboard.html.
#include \"lb/admin/dashboard.hpp\"

namespace lb::admin {
const std::string_view kDashboard = R\"~~~(${text})~~~\";
}  // namespace lb::admin
")
