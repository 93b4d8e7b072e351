// One password that is being checked elsewhere while its exchange waits.
#pragma once

#include "policy/credentials.hpp"

#include <memory>
#include <string>

namespace adit::proxy {

class exchange;

struct login_check {
    exchange* whom = nullptr; // the worker's thread only; null when the exchange has ended meanwhile
    std::shared_ptr<const policy::credentials> among;
    std::string password, stored;
    bool known = false; // the user is; otherwise `stored` is somebody else's, for the time that it takes
    bool right = false; // the result
};

} // namespace adit::proxy
