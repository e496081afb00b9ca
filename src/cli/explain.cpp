#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/pages.hpp"
#include "cli/terminal.hpp"

#include <algorithm>
#include <cctype>

namespace vigie::cli {

int explain(const std::string& code) {
    std::string wanted = code;
    std::transform(wanted.begin(), wanted.end(), wanted.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    std::vector<std::string> known;
    for (const auto& page : pages()) {
        if (page.code == wanted) {
            print(page.text);
            return kOk;
        }
        known.emplace_back(page.code);
    }
    throw Error("there is no code `" + printable(code) + "`", "known: " + join(known, ", "));
}

}  // namespace vigie::cli
