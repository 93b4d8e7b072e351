// The parts of validate() that look at what a route does with bodies, and at services it asks besides its
// tracks.
#pragma once

#include "model/findings.hpp"

#include <vector>

namespace adit::model {

struct buffering;
struct compression;
struct endpoint;
struct error_pages;
struct external_auth;

// Of a service that is asked besides the tracks, which is asked in clear.
void check_service(const std::vector<endpoint>& wish, const findings& found);

void check_buffering(const buffering& wish, const findings& found);
void check_compression(const compression& wish, const findings& found);
void check_error_pages(const error_pages& wish, const findings& found);
void check_external_auth(const external_auth& wish, const findings& found);

} // namespace adit::model
