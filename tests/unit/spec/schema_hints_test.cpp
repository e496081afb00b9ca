// Whatever stands in a field that it cannot stand in, the schema says what to write there.

#include "base/text.hpp"
#include "spec/check_schema.hpp"
#include "spec/schema.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"

namespace vigie::spec {
namespace {

Node scalar(const std::string& text, bool plain) {
    Node out;
    out.kind = Node::Kind::scalar;
    out.plain = plain;
    out.scalar = text;
    out.at = {1, 1};
    return out;
}

Node collection(Node::Kind kind) {
    Node out;
    out.kind = kind;
    out.at = {1, 1};
    return out;
}

std::vector<Node> nonsense() {
    constexpr std::size_t kLong = 70'000;
    auto list = collection(Node::Kind::sequence);
    list.items = {collection(Node::Kind::null), collection(Node::Kind::sequence), scalar("", false)};
    auto map = collection(Node::Kind::map);
    map.entries = {{"no such field", {1, 1}, collection(Node::Kind::null)}};
    return {collection(Node::Kind::null),
            collection(Node::Kind::sequence),
            collection(Node::Kind::map),
            list,
            map,
            scalar("", false),
            scalar("12", true),
            scalar("-1", true),
            scalar("99999999999999999999", true),
            scalar("true", true),
            scalar("no such thing!", false),
            scalar(std::string(kLong, 'x'), false)};
}

struct Seen {
    std::size_t schemas = 0;
    std::size_t findings = 0;
    std::vector<std::string> mute;
};

void judge(const Schema& schema, const std::string& path, Seen& seen) {
    ++seen.schemas;
    for (auto node : nonsense()) {
        Diagnostics diagnostics;
        const Reporter report(diagnostics, "f");
        checkSchema(node, schema, report);
        for (const auto& each : diagnostics.all()) {
            ++seen.findings;
            if (each.hint.empty() || each.at.line == 0) {
                seen.mute.push_back(path + ": " + each.message);
            }
            CHECK((node.refused || node.incomplete));
        }
    }
}

void walk(const Schema& schema, const std::string& path, int depth, Seen& seen) {
    constexpr int kDeepest = 14;  // routes are in routes
    if (depth > kDeepest) {
        return;
    }
    judge(schema, path, seen);
    for (const auto& property : schema.properties) {
        walk(*property.schema, path + "." + std::string(property.name), depth + 1, seen);
    }
    if (schema.items != nullptr) {
        walk(*schema.items, path + "[]", depth + 1, seen);
    }
    if (schema.additional != nullptr) {
        walk(*schema.additional, path + ".*", depth + 1, seen);
    }
}

TEST_CASE("every schema mistake in the document has a hint", "[spec][schema]") {
    Seen seen;
    walk(stackSchema(), "", 0, seen);
    CHECK(seen.schemas > 1000);
    CHECK(seen.findings > 10'000);
    INFO(join(seen.mute, "\n"));
    CHECK(seen.mute.empty());
}

}  // namespace
}  // namespace vigie::spec
