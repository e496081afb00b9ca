// The command line as plain structs, for completions and manual pages.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

/// The command line as plain structs, read off the parser itself: what completions and manual pages are made
/// of, so that neither can say something else than the program does.
namespace vigie::cli {

struct OptionInfo {
    std::vector<std::string> names;  ///< `-o`, `--output`; of an argument its one name, such as `DIR`
    std::string description;
    std::vector<std::string> choices;  ///< empty: anything
    std::string defaultValue;
    bool positional = false;
    bool takesValue = false;
    bool required = false;
    bool repeatable = false;
};

struct CommandInfo {
    std::string name;
    std::string description;
    std::string footer;
    std::vector<OptionInfo> options;
    std::vector<CommandInfo> commands;
};

/// Without hidden commands and options.
CommandInfo describeCommands(const CLI::App& app);

/// `help keys init` as the parser has it, `keys init --help`; other words as they are.
std::vector<std::string> asHelpOption(std::vector<std::string> words);

/// Throws Error when the words begin with a command that is none, with what was probably meant.
void requireCommands(const CLI::App& app, const std::vector<std::string>& words);

/// As JSON, for tools/man_pages.cpp.
std::string toJson(const CommandInfo& command);

/// The script that `shell` (bash, zsh or fish) loads.
std::string completionScript(const CommandInfo& root, const std::string& shell);

}  // namespace vigie::cli
