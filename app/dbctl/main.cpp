#include "app/dbctl/run.hpp"

int main(int argc, char** argv) {
  return booking::dbctl::run(std::vector<std::string>(argv + 1, argv + argc));
}
