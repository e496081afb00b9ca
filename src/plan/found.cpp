// What of a text that was found on the host is shown beside the one that is wanted.

#include "plan/found.hpp"

#include "base/redact.hpp"
#include "base/text.hpp"
#include "plan/diff.hpp"
#include "plan/redact.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace vigie::plan {
namespace {

struct Published {
    std::string text;        ///< the lines that the wanted text has as well
    std::size_t hidden = 0;  ///< how many there are beside them
};

/// A line in which only a secret differs is the wanted one as far as it is shown.
Published publishedOf(std::string_view found, std::string_view wanted) {
    std::set<std::string_view> known;
    std::vector<std::string_view> beforeSecrets;
    for (const auto line : splitLines(wanted)) {
        known.insert(line);
        if (const auto at = line.find(kSecretMask); at != std::string_view::npos && at != 0) {
            beforeSecrets.push_back(line.substr(0, at));
        }
    }
    Published out;
    bool last = false;
    for (const auto line : splitLines(found)) {
        const auto before = std::find_if(beforeSecrets.begin(), beforeSecrets.end(), [&](auto prefix) {
            return line.substr(0, prefix.size()) == prefix;
        });
        last = known.count(line) != 0 || before != beforeSecrets.end();
        if (!last) {
            ++out.hidden;
        } else if (known.count(line) != 0) {
            out.text.append(line).append("\n");
        } else {
            out.text.append(*before).append(kSecretMask).append("\n");
        }
    }
    if (last && found.back() != '\n') {
        out.text.pop_back();
    }
    return out;
}

}  // namespace

std::string notShown(std::size_t lines, Whose whose) {
    const bool one = lines == 1;
    const std::string whoseTheyAre = whose == Whose::others
                                         ? (one ? " that is not ours" : " that are not ours")
                                         : " of the file as it is on the host";
    return "# " + count(lines, "line") + whoseTheyAre + (one ? " is" : " are") +
           " not shown; `vigie plan` at a terminal of the host, as root, shows " + (one ? "it" : "them") +
           "\n";
}

Diff diffOfFound(std::string_view found, const Wanted& wanted, Whose whose) {
    const std::string masked = wanted.text.masked();
    if (isTooLarge(found) || isTooLarge(masked)) {
        return Diff::ofFacts(unifiedDiff(found, masked, wanted.name, wanted.name));
    }
    std::string forTerminal =
        unifiedDiff(showable(found, wanted.text, wanted.heldSecrets && whose != Whose::ours), masked,
                    wanted.name, wanted.name);
    if (whose == Whose::ours) {
        return Diff::ofFacts(std::move(forTerminal));
    }
    const auto published = publishedOf(found, masked);
    std::string everybody = unifiedDiff(published.text, masked, wanted.name, wanted.name);
    if (published.hidden != 0) {
        everybody +=
            (everybody.empty() ? diffHead(wanted.name, wanted.name) : "") + notShown(published.hidden, whose);
    }
    return Diff::ofFound(std::move(everybody), std::move(forTerminal));
}

}  // namespace vigie::plan
