// Build tool: writes the manual pages from what the program itself knows, so that they cannot disagree with
// it.
//
//   man-pages COMMANDS.json CONFIG.schema.yaml VERSION OUTDIR
//
// COMMANDS.json is what `vigie commands` prints. vigie(1) has every command; vigie.yaml(5) every field of the
// host's own configuration. The form is man(7)'s.

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/// Text as roff takes it: backslashes and dashes escaped; nothing at the beginning of a line is a request.
std::string roff(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
            out += std::string("\\&") + c;
        } else {
            out += c;
        }
    }
    return out;
}

/// `word` becomes bold, as Markdown's backticks are printed.
std::string prose(const std::string& text) {
    std::string out;
    bool code = false;
    std::string part;
    const auto flush = [&] {
        out += code ? "\\fB" + roff(part) + "\\fR" : roff(part);
        part.clear();
    };
    for (const char c : text) {
        if (c == '`') {
            flush();
            code = !code;
        } else {
            part += c == '\n' ? ' ' : c;
        }
    }
    flush();
    // A paragraph that begins with a dot or a quote would be a request.
    return !out.empty() && (out[0] == '.' || out[0] == '\'') ? "\\&" + out : out;
}

std::string text(const YAML::Node& node, const char* key) {
    return node[key] ? node[key].as<std::string>() : std::string();
}

std::string bold(const std::string& word) {
    return "\\fB" + roff(word) + "\\fR";
}

std::string italic(const std::string& word) {
    return "\\fI" + roff(word) + "\\fR";
}

std::string sentence(std::string words) {
    if (!words.empty() && words.back() != '.' && words.back() != '?') {
        words += '.';
    }
    return words;
}

/// The word that stands for an option's value.
std::string valueName(const YAML::Node& option) {
    std::string longest;
    for (const auto& name : option["names"]) {
        longest = name.as<std::string>();
    }
    if (longest == "--host") {
        return "HOST";
    }
    if (longest == "--root" || longest == "--state" || longest == "--out" || longest == "--project") {
        return "DIR";
    }
    if (longest == "--config" || longest == "--allowed-signers" || longest == "--known-hosts") {
        return "FILE";
    }
    if (longest == "-n") {
        return "N";
    }
    return "VALUE";
}

void option(std::ostream& out, const YAML::Node& node) {
    std::string head;
    const bool takesValue = node["takesValue"].as<bool>();
    for (const auto& name : node["names"]) {
        const auto word = name.as<std::string>();
        head += (head.empty() ? "" : ", ") + (node["positional"].as<bool>() ? italic(word) : bold(word));
    }
    if (takesValue && !node["positional"].as<bool>()) {
        head += " " + italic(valueName(node));
    }
    out << ".TP\n" << head << "\n" << prose(sentence(text(node, "description")));
    std::string choices;
    for (const auto& choice : node["choices"]) {
        choices += (choices.empty() ? "" : ", ") + bold(choice.as<std::string>());
    }
    if (!choices.empty()) {
        out << "\nOne of " << choices << ".";
    }
    if (const auto value = text(node, "default"); !value.empty() && takesValue) {
        out << "\nDefault: " << bold(value);
    }
    if (node["repeatable"].as<bool>()) {
        out << "\nMay be given more than once.";
    }
    out << "\n";
}

std::string synopsis(const YAML::Node& command, const std::string& path) {
    std::string out = bold(path);
    bool options = false;
    std::string arguments;
    for (const auto& each : command["options"]) {
        if (each["positional"].as<bool>()) {
            const auto name = italic(each["names"][0].as<std::string>());
            arguments += each["required"].as<bool>() ? " " + name : " [" + name + "]";
        } else {
            options = true;
        }
    }
    return out + (options ? " [" + italic("OPTION") + "]\\|.\\|.\\|." : "") + arguments;
}

/// What stands below the options of a command's help: `Exit codes: …` and `Example: …`, a line each.
void below(std::ostream& out, const std::string& footer) {
    std::istringstream lines(footer);
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(':');
        const auto begin = line.find_first_not_of(' ', colon + 1);
        if (colon == std::string::npos || begin == std::string::npos) {
            throw std::runtime_error("the help has a line that is no `NAME: TEXT`: " + line);
        }
        const bool example = line.substr(0, colon) == "Example";
        out << ".PP\n"
            << roff(line.substr(0, colon + 1)) << (example ? "\n.RS\n.nf\n" : " ") << roff(line.substr(begin))
            << (example ? "\n.fi\n.RE\n" : "\n");
    }
}

void command(std::ostream& out, const YAML::Node& node, const std::string& path) {
    if (node["commands"].size() == 0) {
        out << ".SS " << synopsis(node, path) << "\n" << prose(sentence(text(node, "description"))) << "\n";
        for (const auto& each : node["options"]) {
            if (each["names"][0].as<std::string>() != "-h") {
                option(out, each);
            }
        }
        below(out, text(node, "footer"));
        return;
    }
    for (const auto& inner : node["commands"]) {
        command(out, inner, path + " " + text(inner, "name"));
    }
}

void title(std::ostream& out, const std::string& name, const std::string& section, const std::string& version,
           const std::string& what) {
    out << ".\\\" Generated by tools/man_pages.cpp. Do not edit.\n"
        << ".TH " << name << " " << section << " \"\" \"vigie " << version << "\" \"vigie\"\n"
        << ".SH NAME\n"
        << what << "\n";
}

void commandPage(std::ostream& out, const YAML::Node& root, const std::string& version) {
    title(out, "VIGIE", "1", version,
          "vigie \\- keep a monitoring stack on a few Docker hosts converged to one document in git");
    out << ".SH SYNOPSIS\n.B vigie\n.I COMMAND\n.RI [ OPTION ]\\|.\\|.\\|.\n"
        << ".SH DESCRIPTION\n"
        << prose(text(root, "description"))
        << "\nEach host runs the same agent: it pulls the repository, renders what this host must look like, "
           "shows the "
           "difference, applies\nonly that as one transaction, proves by observation that it took effect, "
           "and puts the "
           "host back if it did not.\n"
        << ".PP\nThe document is a\n.B MonitoringStack\nof the API\n.BR vigie.dev/v1alpha1 ;\n"
        << "its reference stands in\n.IR /usr/share/doc/vigie/docs/spec.md .\n"
        << ".SH OPTIONS\n";
    for (const auto& each : root["options"]) {
        option(out, each);
    }
    out << ".SH COMMANDS\n";
    for (const auto& each : root["commands"]) {
        command(out, each, "vigie " + text(each, "name"));
    }
    out << ".SH EXIT STATUS\n"
           ".TP\n.B 0\nNothing to do, or converged.\n"
           ".TP\n.B 1\nA difference, or findings; each command says what. With\n.B "
           "\\-\\-detailed\\-exitcode\nthis "
           "is an error, and 2 a difference.\n"
           ".TP\n.B 2\nAn error.\n"
           ".TP\n.B 130\nInterrupted.\n"
           ".SH ENVIRONMENT\n"
           ".TP\n.B NO_COLOR\nWhen it is set and not empty, nothing is coloured. Else a terminal gets "
           "colours, "
           "and nothing else does.\n"
           ".TP\n.B PATH\nWhere the programs of Docker, WireGuard and ufw, promtool and amtool are looked "
           "for.\n"
           ".TP\n.B TMPDIR\nWhere a command keeps what it needs only while it runs; /tmp otherwise.\n"
           ".PP\nNothing else of the environment changes what vigie does. Programs that it starts get PATH "
           "and "
           "LANG only. systemd tells the controller\n.B CREDENTIALS_DIRECTORY\nand\n.BR JOURNAL_STREAM .\n"
           ".SH FILES\n"
           ".TP\n.I /etc/vigie/vigie.yaml\nThe configuration of this host; see\n.BR vigie.yaml (5).\n"
           ".TP\n.I /var/lib/vigie\nvigie's own state: the host's identity, the journal, what it owns, "
           "history, and backups.\n"
           ".TP\n.I /etc/wireguard/wg0.key\nThe private key of the tunnel. It never leaves the host.\n"
           ".SH SEE ALSO\n.BR vigie.yaml (5),\n.BR wg (8),\n.BR ufw (8),\n.BR promtool (1),\n.BR "
           "systemd\\-run (1)\n.PP\n"
           "README.md, docs/running.md and docs/guarantees.md in\n.IR /usr/share/doc/vigie .\n";
}

void field(std::ostream& out, const YAML::Node& node, const std::string& path, bool required) {
    const auto type = text(node, "type");
    out << ".TP\n" << bold(path);
    out << " ("
        << (type == "object"   ? "mapping"
            : type == "array"  ? "list"
            : type == "string" ? "text"
                               : roff(type))
        << (required ? ", required" : "") << ")\n";
    out << prose(text(node, "description"));
    std::string choices;
    for (const auto& value : node["enum"]) {
        choices += (choices.empty() ? "" : ", ") + bold(value.as<std::string>());
    }
    if (!choices.empty()) {
        out << "\nOne of " << choices << ".";
    }
    if (node["default"] && node["default"].IsScalar()) {
        out << "\nDefault: " << bold(text(node, "default"));
    }
    out << "\n";
    const auto inner = node["items"] ? node["items"] : node;
    for (const auto& property : inner["properties"]) {
        bool needed = false;
        for (const auto& name : inner["required"]) {
            needed = needed || name.as<std::string>() == property.first.as<std::string>();
        }
        field(out, property.second, path + (node["items"] ? "[]." : ".") + property.first.as<std::string>(),
              needed);
    }
}

void configurationPage(std::ostream& out, const YAML::Node& schema, const std::string& version) {
    title(out, "VIGIE.YAML", "5", version, "vigie.yaml \\- the configuration of vigie on one host");
    out << ".SH SYNOPSIS\n.I /etc/vigie/vigie.yaml\n"
        << ".SH DESCRIPTION\n"
        << prose(text(schema, "description"))
        << "\nIt says which host of the document this machine is, and where the document comes from. "
           "Everything else "
           "stands in the document.\n"
        << "It is YAML, is read when the controller starts, and is checked strictly: every mistake is told "
           "at once.\n"
        << ".SH FIELDS\n";
    for (const auto& property : schema["properties"]) {
        bool required = false;
        for (const auto& name : schema["required"]) {
            required = required || name.as<std::string>() == property.first.as<std::string>();
        }
        field(out, property.second, property.first.as<std::string>(), required);
    }
    out << ".SH CREDENTIALS\n"
           "A file may also be written as\n.BI credentials: NAME\nwhere its field says so. It is then the "
           "credential\n.I NAME\n"
           "that systemd hands to the service, with\n.B LoadCredential=\nin a drop\\-in; see\n.BR "
           "systemd.exec (5).\n"
           ".SH EXAMPLE\n.nf\n.RS\nhost: vm\nsource:\n  url: git@git.example.org:ops/monitoring.git\n  path: "
           "moments\nauth:\n"
           "  sshKey: credentials:deploy\\-key\n  knownHosts: /etc/vigie/known_hosts\n.RE\n.fi\n"
           ".SH SEE ALSO\n.BR vigie (1)\n";
}

void write(const std::string& path, void (*page)(std::ostream&, const YAML::Node&, const std::string&),
           const YAML::Node& node, const std::string& version) {
    std::ofstream out(path);
    page(out, node, version);
    out.close();
    if (!out) {
        throw std::runtime_error("cannot write " + path);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::cerr << "usage: man-pages COMMANDS.json CONFIG.schema.yaml VERSION OUTDIR\n";
        return 2;
    }
    try {
        const std::string directory = argv[4];
        write(directory + "/vigie.1", commandPage, YAML::LoadFile(argv[1]), argv[3]);  // JSON is YAML
        write(directory + "/vigie.yaml.5", configurationPage, YAML::LoadFile(argv[2]), argv[3]);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "man-pages: " << error.what() << "\n";
        return 2;
    }
}
