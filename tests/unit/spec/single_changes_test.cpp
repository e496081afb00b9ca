// One mistake is told once: every field of the examples, changed in every way that the schema refuses.

#include "lint/lint.hpp"
#include "spec/load.hpp"
#include "spec/read_yaml.hpp"
#include "spec/references.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/doubles.hpp"
#include "version.hpp"

#include <map>
#include <set>

namespace vigie::spec {
namespace {

/// A tree as YAML that reads back as the same: flow collections, one value a line.
void write(const Node& node, std::string& out) {
    switch (node.kind) {
        case Node::Kind::null:
            out += "null";
            break;
        case Node::Kind::scalar: {
            if (node.plain) {
                out += node.scalar;
                break;
            }
            out += '"';
            for (const char c : node.scalar) {
                out += c == '"' || c == '\\' ? std::string("\\") + c : c == '\n' ? "\\n" : std::string(1, c);
            }
            out += '"';
            break;
        }
        case Node::Kind::sequence:
            out += "[\n";
            for (const auto& item : node.items) {
                write(item, out);
                out += ",\n";
            }
            out += "]";
            break;
        case Node::Kind::map:
            out += "{\n";
            for (const auto& entry : node.entries) {
                out += "\"" + entry.key + "\": ";
                write(entry.value, out);
                out += ",\n";
            }
            out += "}";
            break;
    }
}

Diagnostics judged(const Node& root) {
    std::string text;
    write(root, text);
    Diagnostics out;
    const auto document = loadStack(text, "stack.yaml", kVersion, out);
    if (document) {
        lint::lint(document->stack, Reporter(out, "stack.yaml", &document->root));
    }
    return out;
}

Node of(Node::Kind kind) {
    Node out;
    out.kind = kind;
    return out;
}

Node plain(const std::string& text) {
    Node out = Node::text(text);
    out.plain = true;
    return out;
}

/// What a value may be replaced by, by name.
std::vector<std::pair<std::string, Node>> replacements() {
    Node list = of(Node::Kind::sequence);
    list.items = {plain("x")};
    return {{"null", of(Node::Kind::null)},
            {"an empty text", Node::text("")},
            {"12", plain("12")},
            {"a list", list},
            {"a mapping", of(Node::Kind::map)},
            {"nonsense", Node::text("no such thing !")}};
}

/// The way to a value: which child each time.
using Way = std::vector<std::size_t>;

/// Every place of a tree once for each field of the schema, so that a list of ten hosts counts like one.
void collect(const Node& node, const std::string& path, const Way& way, std::map<std::string, Way>& out) {
    out.try_emplace(path, way);
    for (std::size_t i = 0; i < node.items.size() + node.entries.size(); ++i) {
        auto further = way;
        further.push_back(i);
        const bool list = node.kind == Node::Kind::sequence;
        collect(list ? node.items[i] : node.entries[i].value,
                path + (list ? "[]" : "." + node.entries[i].key), further, out);
    }
}

Node& at(Node& root, const Way& way) {
    Node* out = &root;
    for (const auto i : way) {
        out = out->kind == Node::Kind::sequence ? &out->items[i] : &out->entries[i].value;
    }
    return *out;
}

struct Tried {
    std::size_t changes = 0;
    std::size_t refused = 0;
    std::vector<std::string> wrong;
};

void judge(const Node& root, const std::string& change, Tried& tried) {
    ++tried.changes;
    const auto found = judged(root);
    tried.refused += found.hasErrors() ? 1U : 0U;
    std::string errors;
    for (const auto& each : found.all()) {
        if (each.severity == Severity::error) {
            errors += "\n    " + each.code + " " + each.message;
        }
        if (each.hint.empty() || each.at.line == 0) {
            tried.wrong.push_back(change + ": no hint or no place: " + each.code + " " + each.message);
        }
    }
    if (found.errors() > 1) {
        tried.wrong.push_back(change + ": " + std::to_string(found.errors()) + " errors" + errors);
    }
}

Node treeOf(const std::string& example) {
    Diagnostics none;
    auto root = readYaml(tests::readSource("examples/" + example + "/stack.yaml"), "stack.yaml", none);
    REQUIRE(root);
    REQUIRE(none.empty());
    return *root;
}

TEST_CASE("one invalid value in an example is one error with a position and a hint", "[spec][changes]") {
    Tried tried;
    std::set<std::string> seen;
    for (const std::string example : {"moments", "high-availability", "blackbox", "grafana"}) {
        const auto root = treeOf(example);
        std::map<std::string, Way> places;
        collect(root, "", {}, places);
        for (const auto& [path, way] : places) {
            if (path.empty() || !seen.insert(path).second) {
                continue;
            }
            for (const auto& [name, replacement] : replacements()) {
                auto changed = root;
                at(changed, way) = replacement;
                judge(changed, example + path + " = " + name, tried);
            }
        }
    }
    std::string all;
    for (const auto& each : tried.wrong) {
        all += each + "\n";
    }
    INFO(all);
    CHECK(tried.changes > 1000);
    CHECK(tried.refused > tried.changes / 2);
    CHECK(tried.wrong.empty());
}

TEST_CASE("renaming a referenced object is one error that counts its other uses", "[spec][changes]") {
    for (const auto& [list, index, uses] : std::vector<std::tuple<std::string, std::size_t, std::string>>{
             {"hosts", 1, "there is no host `vm`, which is also named in 1 more place"},
             {"projects", 0, "there is no project `moments`, which is also named in 1 more place"},
             {"projects", 1, "there is no project `monitoring`, which is also named in 2 more places"},
             {"secrets", 0, "there is no secret `pgbouncer-stats`"}}) {
        auto root = treeOf("moments");
        auto& spec = std::find_if(root.entries.begin(), root.entries.end(), [](const auto& e) {
                         return e.key == "spec";
                     })->value;
        auto& things = std::find_if(spec.entries.begin(), spec.entries.end(), [&list = list](const auto& e) {
                           return e.key == list;
                       })->value;
        auto& name = std::find_if(things.items[index].entries.begin(), things.items[index].entries.end(),
                                  [](const auto& e) { return e.key == "name"; })
                         ->value;
        name.scalar += "x";
        const auto found = judged(root);
        INFO(list << " " << index);
        CHECK(found.errors() == 1);
        for (const auto& each : found.all()) {
            if (each.severity == Severity::error) {
                CHECK(each.message == uses);
                CHECK(tests::contains(each.hint, "did you mean"));
            }
        }
    }
}

}  // namespace
}  // namespace vigie::spec
