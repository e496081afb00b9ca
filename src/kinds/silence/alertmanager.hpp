// Reads and sets silences through Alertmanager's API.
#pragma once

#include "plan/observed.hpp"
#include "render/resource.hpp"
#include "system/system.hpp"

#include <chrono>
#include <string>

/// Silences by Alertmanager's API v2. A silence that is ours carries a mark in its comment; no other is ever
/// touched. Source: Alertmanager's `api/v2/openapi.yaml`.
namespace vigie::apply {

plan::ObservedSilence observeSilence(const render::Silence& silence, const system::System& system);

/// Makes it as it should be: waits until Alertmanager answers, creates or changes it, ends what is more than
/// one of it. Throws Error.
void makeSilence(const render::Silence& silence, std::chrono::milliseconds timeout,
                 const system::System& system);

/// Ends the silences with this mark. One whose Alertmanager does not answer ends by itself in time.
void endSilences(const std::string& baseUrl, const std::string& mark, const system::System& system);

/// The before-image, and putting it back.
SecureBytes snapshotSilence(const std::string& baseUrl, const std::string& mark,
                            const system::System& system);
void restoreSilence(std::string_view snapshot, const system::System& system);

}  // namespace vigie::apply
