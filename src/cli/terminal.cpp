// What a command says to the person at the terminal, and asks.
#include "cli/terminal.hpp"

#include "base/error.hpp"
#include "base/error_text.hpp"
#include "base/one_line.hpp"
#include "base/text.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace vigie::cli {

bool colourOn(int fd) {
    const char* no = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): one thread
    return isatty(fd) == 1 && (no == nullptr || *no == '\0');
}

plan::Audience audienceOf(int fd) {
    return isatty(fd) == 1 ? plan::Audience::terminal : plan::Audience::everybody;
}

void print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
        throw Error("cannot write to standard output");
    }
}

void say(const std::string& line) {
    std::cerr << shownLines(line, "") << '\n';
}

void sayError(const std::string& what, const std::string& hint) {
    std::cerr << errorText(what, hint) << '\n';
}

void sayAsItIs(const std::string& text) {
    std::cerr << text << '\n';
}

bool confirm(const std::string& question) {
    std::cerr << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "yes";
}

std::string ask(const std::string& question, const std::string& otherwise) {
    std::cerr << question << (otherwise.empty() ? "" : " [" + otherwise + "]") << ": " << std::flush;
    std::string answer;
    if (!std::getline(std::cin, answer)) {
        throw Error("the input ended before all questions were answered", "nothing was written");
    }
    const auto text = trim(answer);
    return text.empty() ? otherwise : std::string(text);
}

}  // namespace vigie::cli
