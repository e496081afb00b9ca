// Asks programs, wherever they are.

#include "apply/probes/asked_program.hpp"

#include "apply/probes/attached_programs.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"

namespace vigie::apply {
namespace {

constexpr int kOk = 200;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;

std::string authorizationOf(const render::AttachedProgram& program) {
    if (program.password.value == nullptr) {
        return {};
    }
    return "Basic " + base64Encode(program.username + ":" + std::string(view(*program.password.value)));
}

/// The prefix is what the program's command line says: a URL holds no blanks and no ends of lines.
std::string urlPath(const std::string& prefix) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    constexpr unsigned kNibble = 4;
    std::string out;
    for (const char c : prefix) {
        if (c > ' ' && c <= '~' && c != '?' && c != '#') {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'%', kDigits[byte >> kNibble], kDigits[byte & 15U]};
        }
    }
    return out;
}

}  // namespace

AskedProgram::AskedProgram(const render::ConfiguredProgram& program, const system::System& system)
    : system_(system), base_(program.baseUrl) {
    if (program.attached) {
        AttachedPrograms programs(system);
        attachment_ = mustFind(programs, *program.attached, program.program);
        authorization_ = authorizationOf(*program.attached);
        base_ = "http://" + program.attached->service + urlPath(attachment_->options.routePrefix);
    }
}

system::HttpResponse AskedProgram::send(const system::HttpRequest& request) {
    if (!attachment_) {
        return system_.http.send(request);
    }
    if (!attachment_->runs) {
        throw Error(attachment_->wanted.subject.service + " does not run");
    }
    const auto& listen = attachment_->options.listen.front();
    return system_.attach.send({attachment_->process, listen.address, listen.port, authorization_}, request);
}

std::vector<system::HttpResponse> AskedProgram::sendAll(const std::vector<system::HttpRequest>& requests) {
    return attachment_ ? Http::sendAll(requests) : system_.http.sendAll(requests);
}

system::HttpResponse AskedProgram::reload(std::chrono::milliseconds timeout) {
    if (!attachment_ || attachment_->reload() == attach::Attachment::Reload::http) {
        auto response = send({"POST", base_ + "/-/reload", {}, timeout});
        if (!attachment_ || response.status != kForbidden) {
            return response;
        }
    }
    const auto health = send({"GET", base_ + "/-/healthy", {}, timeout});
    if (health.status != kOk && health.status != kUnauthorized) {
        throw Error(attachment_->wanted.subject.service + " is not up yet: a signal would end it");
    }
    system_.attach.signal(attachment_->process, system::Attach::Signal::hup);
    return {kOk, {}};
}

}  // namespace vigie::apply
