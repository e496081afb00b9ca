// Reads the command tree off CLI11's parser.

#include "cli/command_tree.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/command_help.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace vigie::cli {
namespace {

/// CLI11 shows the choices of a checked option only inside its type name: `TEXT:{none,reload,all}`.
std::vector<std::string> choicesOf(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const auto open = type.find('{');
    const auto close = type.rfind('}');
    std::vector<std::string> out;
    if (open != std::string::npos && close != std::string::npos && close > open) {
        for (const auto part : split(std::string_view(type).substr(open + 1, close - open - 1), ',')) {
            out.emplace_back(part);
        }
    }
    return out;
}

OptionInfo describe(const CLI::Option& option) {
    OptionInfo out;
    for (const auto& name : option.get_snames()) {
        out.names.push_back("-" + name);
    }
    for (const auto& name : option.get_lnames()) {
        out.names.push_back("--" + name);
    }
    out.positional = option.nonpositional() ? false : option.get_positional();
    if (out.positional) {
        out.names = {option.get_name(true)};
    }
    out.description = option.get_description();
    out.choices = choicesOf(option);
    out.defaultValue = option.get_default_str();
    out.takesValue = option.get_expected_max() != 0;  // a flag expects none
    out.required = option.get_required();
    out.repeatable = option.get_expected_max() > 1;
    return out;
}

}  // namespace

CommandInfo describeCommands(const CLI::App& app) {
    CommandInfo out{.name = app.get_name(),
                    .description = app.get_description(),
                    .footer = app.get_footer(),
                    .options = {},
                    .commands = {}};
    for (const auto* option : app.get_options()) {
        if (!option->get_group().empty()) {
            out.options.push_back(describe(*option));
        }
    }
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (!command->get_group().empty()) {
            out.commands.push_back(describeCommands(*command));
        }
    }
    return out;
}

std::vector<std::string> asHelpOption(std::vector<std::string> words) {
    const bool plain = std::none_of(words.begin(), words.end(),
                                    [](const std::string& word) { return word.empty() || word[0] == '-'; });
    if (plain && !words.empty() && words[0] == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    return words;
}

namespace {

/// `path` is what leads to the commands, such as `keys `.
Error unknownCommand(const std::string& path, const std::string& word,
                     const std::vector<const CLI::App*>& commands) {
    std::vector<std::string> names;
    names.reserve(commands.size());
    for (const auto* each : commands) {
        names.push_back(each->get_name());
    }
    std::string hint;
    for (const auto& each : nearCommands(word, names)) {
        hint += (hint.empty() ? "did you mean `vigie " : " or `vigie ") + path + each + "`";
    }
    return Error("there is no command `" + path + printable(word) + "`",
                 hint.empty() ? "`vigie " + path + "--help` lists them" : hint + "?");
}

}  // namespace

void requireCommands(const CLI::App& app, const std::vector<std::string>& words) {
    const CLI::App* command = &app;
    std::string path;
    for (const auto& word : words) {
        const auto inner = command->get_subcommands([](const CLI::App*) { return true; });
        if (inner.empty() || word.empty() || word[0] == '-') {
            return;
        }
        const auto named = std::find_if(inner.begin(), inner.end(),
                                        [&](const CLI::App* each) { return each->get_name() == word; });
        if (named == inner.end()) {
            throw unknownCommand(path, word, inner);
        }
        command = *named;
        path += word + " ";
    }
}

namespace {

nlohmann::ordered_json json(const CommandInfo& command) {
    nlohmann::ordered_json options = nlohmann::ordered_json::array();
    for (const auto& option : command.options) {
        options.push_back({{"names", option.names},
                           {"description", option.description},
                           {"choices", option.choices},
                           {"default", option.defaultValue},
                           {"positional", option.positional},
                           {"takesValue", option.takesValue},
                           {"required", option.required},
                           {"repeatable", option.repeatable}});
    }
    nlohmann::ordered_json commands = nlohmann::ordered_json::array();
    for (const auto& inner : command.commands) {
        commands.push_back(json(inner));
    }
    return {{"name", command.name},
            {"description", command.description},
            {"footer", command.footer},
            {"options", std::move(options)},
            {"commands", std::move(commands)}};
}

}  // namespace

std::string toJson(const CommandInfo& command) {
    return json(command).dump(2) + "\n";
}

}  // namespace vigie::cli
