// Loads a document: YAML, schema, structs, references.

#include "spec/load.hpp"

#include "base/text.hpp"
#include "spec/check_schema.hpp"
#include "spec/codec.hpp"
#include "spec/format.hpp"
#include "spec/key_order.hpp"
#include "spec/native.hpp"
#include "spec/read_yaml.hpp"
#include "spec/references.hpp"
#include "spec/schema.hpp"
#include "spec/settings.hpp"

#include <charconv>
#include <utility>

namespace vigie::spec {
namespace {

std::vector<int> versionOf(std::string_view text) {
    std::vector<int> out;
    for (const auto part : split(text, '.')) {
        int value = 0;
        std::from_chars(part.data(), part.data() + part.size(), value);
        out.push_back(value);
    }
    out.resize(3);
    return out;
}

void checkVersion(const Stack& stack, std::string_view ours, const Reporter& report) {
    constexpr std::size_t kOperator = 2;  // ">=", the only one that the schema lets through
    if (!checkFormat("version-constraint", stack.requires_) &&
        versionOf(stack.requires_.substr(kOperator)) > versionOf(ours)) {
        report.error(code::VG0109, FieldPath{"spec", "requires"},
                     "this document needs vigie " + stack.requires_ + ", but this is " + std::string(ours),
                     "install a newer vigie on this machine");
    }
}

/// Which fields of `at` hold what the schema says: nobody has written them.
void noteDefaults(std::optional<ConfigFrom>& from, const Node& root, const FieldPath& at,
                  std::initializer_list<std::string_view> fields) {
    const auto under = [&](const FieldPath& path) {
        const Node* node = &root;
        for (const auto& step : path.steps()) {
            node = node == nullptr ? nullptr : node->find(step.key);
        }
        return node;
    };
    for (const auto field : fields) {
        const auto* value = from ? under(at / field) : nullptr;
        if (value != nullptr && value->at.line == 0) {
            from->defaults.emplace_back(field);
        }
    }
}

void noteDefaults(Document& document) {
    auto& stack = document.stack;
    if (stack.prometheus) {
        noteDefaults(stack.prometheus->configFrom, document.root, {"spec", "prometheus"},
                     {"scrapeInterval", "selfScrape"});
    }
    if (stack.alertmanager) {
        noteDefaults(stack.alertmanager->configFrom, document.root, {"spec", "alertmanager", "smtp"},
                     {"requireTLS"});
    }
}

/// Which component is on which host is asked of each pair.
bool checkPairs(const Stack& stack, const Reporter& report) {
    const auto components = stack.projects.size() + stack.applications.size() + stack.exporters.size();
    if (stack.hosts.size() * components <= kMostPairs) {
        return true;
    }
    report.error(code::VG0004, FieldPath{"spec", "hosts"},
                 "the document has " + count(stack.hosts.size(), "host") + " and " +
                     std::to_string(components) + " projects, applications and exporters: more than " +
                     std::to_string(kMostPairs) + " pairs of a host and one of them",
                 "split the document into several stacks, each with its own hosts");
    return false;
}

}  // namespace

std::optional<Document> loadStack(std::string_view text, const std::string& file,
                                  std::string_view vigieVersion, Diagnostics& diagnostics) {
    auto root = readYaml(text, file, diagnostics, kDocumentLimits);
    if (!root) {
        return std::nullopt;
    }
    const Reporter report(diagnostics, file, &*root);
    checkSchema(*root, stackSchema(), report);
    orderKeys(*root, stackSchema());
    // Decoding is total: later checks pass over fields that are absent or have no meaning, so that
    // all mistakes are found in one run and none is reported twice.
    Document document{file, std::move(*root), {}};
    document.stack = decode(document.root);
    noteDefaults(document);
    const Reporter into(diagnostics, file, &document.root);
    if (!checkPairs(document.stack, into)) {
        return std::nullopt;
    }
    checkVersion(document.stack, vigieVersion, into);
    if (diagnostics.errors() <= kMostTold) {
        checkReferences(document.stack, into);
    }
    return document;
}

std::vector<NamedFile> namedFiles(const Stack& stack) {
    std::vector<NamedFile> out;
    for (const auto& native : nativeSources(stack)) {
        out.push_back({native.from->file, native.at / "file"});
    }
    if (stack.prometheus) {
        const FieldPath at{"spec", "prometheus", "ruleFiles"};
        for (std::size_t i = 0; i < stack.prometheus->ruleFiles.size(); ++i) {
            out.push_back({stack.prometheus->ruleFiles[i], at[i]});
        }
    }
    if (stack.alertmanager) {
        const FieldPath at{"spec", "alertmanager", "templates"};
        for (std::size_t i = 0; i < stack.alertmanager->templates.size(); ++i) {
            out.push_back({stack.alertmanager->templates[i], at[i]});
        }
    }
    if (stack.grafana) {
        const FieldPath at{"spec", "grafana", "dashboards"};
        for (std::size_t i = 0; i < stack.grafana->dashboards.size(); ++i) {
            out.push_back({stack.grafana->dashboards[i], at[i]});
        }
    }
    for (std::size_t i = 0; i < stack.projects.size(); ++i) {
        const auto& files = stack.projects[i].files;
        for (std::size_t j = 0; j < files.size(); ++j) {
            out.push_back({files[j].from, (FieldPath{"spec", "projects"}[i] / "files")[j] / "from"});
        }
    }
    for (const auto& block : settingBlocks(stack)) {
        for (auto& file : filesOf(block)) {
            out.push_back({std::move(file.path), std::move(file.at)});
        }
    }
    return out;
}

}  // namespace vigie::spec
