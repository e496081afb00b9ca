// A Prometheus or an Alertmanager that is asked something: at its address, or from inside of its container.
#pragma once

#include "attach/attachment.hpp"
#include "kinds/views.hpp"
#include "system/system.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace vigie::apply {

/// The way to a program that vigie configures. Requests go to `base()` and what follows.
class AskedProgram : public system::Http {
public:
    /// Finds an attached program. Throws Error where it is refused, with the refusal's sentence.
    AskedProgram(const render::ConfiguredProgram& program, const system::System& system);

    [[nodiscard]] const std::string& base() const { return base_; }
    /// False for an attached program that does not run: nothing can be asked of it.
    [[nodiscard]] bool runs() const { return !attachment_ || attachment_->runs; }
    /// Nothing for one that vigie has rendered.
    [[nodiscard]] const std::optional<attach::Attachment>& attachment() const { return attachment_; }

    system::HttpResponse send(const system::HttpRequest& request) override;
    std::vector<system::HttpResponse> sendAll(const std::vector<system::HttpRequest>& requests) override;

    /// Makes it read its configuration again, by a signal to its own process where it has no other way. The
    /// answer to `POST /-/reload`, or 200 for a signal: neither proves anything. Throws Error when it is not
    /// up yet.
    system::HttpResponse reload(std::chrono::milliseconds timeout);

private:
    const system::System& system_;
    std::string base_;
    std::optional<attach::Attachment> attachment_;
    std::string authorization_;
};

}  // namespace vigie::apply
