// By name and password. The slow hash is left to other threads, and the exchange waits for it.
#include "proxy/login_check.hpp"

#include "policy/basic_auth.hpp"
#include "policy/password_hash.hpp"
#include "proxy/exchange.hpp"
#include "proxy/password_checker.hpp"
#include "proxy/worker.hpp"

#include <sodium.h>

#include <algorithm>

namespace adit::proxy {

namespace {

// The value of Authorization where there is exactly one that may be a login.
std::string_view only_authorization(const http::request_head& head) noexcept {
    const auto fields = head.fields();
    const auto is_it = [](const http::field& f) { return f.id == http::field_id::authorization; };
    if (std::count_if(fields.begin(), fields.end(), is_it) != 1) return {};
    const auto value = head.get(http::field_id::authorization);
    return value.size() <= policy::basic_login::longest ? value : std::string_view{};
}

} // namespace

// False when the exchange waits or is over.
bool exchange::authenticate(const policy::basic_auth& by) {
    const auto said = only_authorization(head_);
    if (!said.empty() && worker_.verified.knows(*by.users, said)) return log_in(by), true;
    policy::basic_login login;
    if (said.empty() || !login.read(said)) return answer(http::refusal::credentials_missing), false;
    const auto* own = by.users->find(login.user);
    const auto* stored = own ? own : by.users->anybody();
    if (!stored || login.password.size() > policy::longest_password)
        return answer(http::refusal::credentials_wrong), false;
    if (policy::scheme_of(*stored) != policy::password_scheme::sha1)
        return check_elsewhere(by, login, *stored, own != nullptr), false;
    if (!policy::is_password(login.password, *stored) || !own)
        return answer(http::refusal::credentials_wrong), false;
    worker_.verified.remember(*by.users, said);
    return log_in(by), true;
}

void exchange::check_elsewhere(
    const policy::basic_auth& by, const policy::basic_login& login, const std::string& stored, bool known
) {
    auto check = std::make_shared<login_check>(login_check{
        this, by.users, std::string(login.password), stored, known, false});
    const auto& checker = held_->value->passwords;
    const auto job = [check, loop = &worker_.loop] {
        check->right = policy::is_password(check->password, check->stored) && check->known;
        sodium_memzero(check->password.data(), check->password.size());
        loop->post([check] {
            if (check->whom) check->whom->login_checked(check->right);
        });
    };
    if (!checker || !checker->submit(job)) return answer(http::refusal::authentication_busy);
    station_ = station::authenticating;
    login_ = std::move(check);
}

void exchange::login_checked(bool right) {
    const auto check = std::move(login_);
    if (!right) return answer(http::refusal::credentials_wrong);
    worker_.verified.remember(*check->among, head_.get(http::field_id::authorization));
    log_in(*route_->policy->basic_auth);
    admitted();
}

void exchange::log_in(const policy::basic_auth& by) noexcept {
    if (by.forward) return;
    for (auto& f : head_.fields()) f.dropped |= f.id == http::field_id::authorization;
}

} // namespace adit::proxy
