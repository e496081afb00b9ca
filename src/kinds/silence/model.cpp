// The desired silence: digest, difference, removal.

#include "kinds/silence/model.hpp"

#include "base/fields.hpp"
#include "base/hash.hpp"
#include "base/record.hpp"
#include "kinds/models.hpp"
#include "plan/context.hpp"

namespace vigie::render {

std::string silenceMark(const std::string& stack, const std::string& name) {
    return "[vigie " + stack + "/" + name + "]";
}

std::string Silence::markedComment() const {
    return comment + " " + silenceMark(stack, name);
}

}  // namespace vigie::render

namespace vigie::kinds {
namespace {

/// What differs, in words; empty when nothing does.
std::string differs(const render::Silence& wanted, const plan::ObservedSilence& is) {
    if (is.several) {
        return "it exists several times";
    }
    if (is.matchers != wanted.matchers) {
        return "its matchers changed";
    }
    if (is.endsAt != wanted.endsAt) {
        return "its end changed";
    }
    if (is.comment != wanted.markedComment()) {
        return "its comment changed";
    }
    // One that has begun has the time at which it was made as its beginning.
    if (wanted.startsAt != 0 && is.startsAt != wanted.startsAt && !is.active) {
        return "its beginning changed";
    }
    return {};
}

}  // namespace

void SilenceModel::hash(const Desired& silence, Sha256& hash) {
    hash.field(silence.baseUrl).field(silence.markedComment());
    hash.field(std::to_string(silence.startsAt)).field(std::to_string(silence.endsAt));
    for (const auto& matcher : silence.matchers) {
        hash.field(matcher.name).field(matcher.value);
        hash.field(matcher.isRegex ? "regex" : "text").field(matcher.isEqual ? "equal" : "not");
    }
}

std::string SilenceModel::describe(const Desired& silence) {
    std::string out;
    for (const auto& matcher : silence.matchers) {
        out += (out.empty() ? "" : ", ") + matcher.name + (matcher.isEqual ? "=" : "!") +
               (matcher.isRegex ? "~" : (matcher.isEqual ? "" : "=")) + "\"" + matcher.value + "\"";
    }
    return out + "\n";
}

void SilenceModel::difference(const plan::Context& context, const render::Resource& resource,
                              const Desired& silence, plan::Change& out) {
    const auto it = context.observed.silences.find(resource.id);
    if (it == context.observed.silences.end()) {
        out.reason = "not looked at";
        return;
    }
    const auto& is = it->second;
    if (is.ended) {
        out.reason = "has ended, and is not made again";
        return;
    }
    if (!is.answered) {
        out.reason = "Alertmanager does not answer at " + silence.baseUrl;
        return;
    }
    if (!is.exists) {
        out.action = plan::Action::create;
        out.reason = context.ours(resource.id) ? "was ended by hand before its time" : resource.purpose;
        return;
    }
    const auto why = differs(silence, is);
    if (why.empty()) {
        out.reason = "as it should be";
        return;
    }
    out.action = plan::Action::update;
    out.reason = why;
}

/// Fields: `alertmanager`, its address, and `mark`. Before, both were packed one behind the other.
std::string SilenceModel::record(const Desired& silence) {
    return RecordWriter()
        .add("alertmanager", silence.baseUrl)
        .add("mark", render::silenceMark(silence.stack, silence.name))
        .text();
}

OwnedSilence OwnedSilence::read(std::string_view record) {
    if (RecordReader::is(record)) {
        const RecordReader fields(record);
        return {.baseUrl = fields.string("alertmanager"), .mark = fields.string("mark")};
    }
    FieldReader fields(record);
    OwnedSilence out;
    out.baseUrl = fields.next();
    out.mark = fields.next();
    return out;
}

void SilenceModel::silenceOnceItRuns(const plan::Context& context,
                                     const std::vector<render::Resource>& desired, plan::Plan& plan) {
    for (std::size_t i = 0; i < desired.size(); ++i) {
        const auto seen = context.observed.silences.find(desired[i].id);
        if (kindOf(desired[i]) != kind || seen == context.observed.silences.end() || seen->second.answered ||
            seen->second.ended) {
            continue;
        }
        for (const auto& change : plan.changes) {
            if (change.id == "reload:alertmanager" && change.action == plan::Action::reload) {
                plan.changes[i].action = plan::Action::create;
                plan.changes[i].reason = "made once Alertmanager runs";
            }
        }
    }
}

}  // namespace vigie::kinds
