// The halves of all kinds that touch the host: see `Host` in kinds/host.hpp for what each function is.
#pragma once

#include "kinds/host.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::kinds {

plan::Observed observeAll(const Looking& looking);

/// The kinds of which something of the plan acts.
std::set<Kind> actingKinds(const plan::Plan& plan);

bool concerned(std::string_view id, const Concern& concern);
void capture(const Capturing& capturing, const render::Resource* resource, BeforeImages& images);

/// Those of one turn, of all kinds in their order.
void prepare(PreparationTurn turn, const Preparing& preparing);

void make(Transaction& transaction, const plan::Change& change);
/// Before something changes at `path`: what else of the plan has to let go of it does.
void letGo(Transaction& transaction, const std::string& path, Touch touch);
void prove(const Transaction& transaction);
bool settle(const Transaction& transaction, const plan::Change& change, const render::Resource& resource);
Owning owning(const render::Resource& resource);
void remove(Transaction& transaction, const plan::Change& change, const state::Owned& owned);
void tidyUp(Transaction& transaction);
std::string cause(const render::Resource& resource, const system::System& system);
std::vector<std::string> warnings(const std::vector<render::Resource>& desired, const system::Files& files);

/// The steps of a restore of all kinds, in their turns.
std::span<const UndoStep> undoSteps();

}  // namespace vigie::kinds
