#include "cli/command.hpp"

int main(int argc, char** argv) {
    return adit::cli::run(argc, argv);
}
