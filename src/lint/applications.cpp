// Applications: what is observed of them, and the variables that vigie sets for them.

#include "lint/rules.hpp"
#include "spec/otel.hpp"

#include <map>
#include <set>

namespace vigie::lint {
namespace {

using spec::FieldPath;

void lintObserved(const spec::Stack& stack, const spec::Reporter& report) {
    for (std::size_t i = 0; i < stack.applications.size(); ++i) {
        const auto& application = stack.applications[i];
        const FieldPath at = FieldPath{"spec", "applications"}[i];
        if (!application.metrics && !application.traces && application.env.empty()) {
            report.warning(code::VG0411, at,
                           "application `" + application.name +
                               "` has no `metrics` and no `traces`: it is not monitored",
                           "add `metrics` or `traces`");
        }
        if (application.traces && !stack.jaeger) {
            report.error(code::VG0407, at / "traces",
                         "application `" + application.name + "` sends traces, but there is no `jaeger`",
                         "add `spec.jaeger`, or remove `traces`");
        }
        if (application.metrics && !stack.prometheus) {
            report.warning(code::VG0412, at / "metrics",
                           "application `" + application.name + "` has metrics, but there is no `prometheus`",
                           "add `spec.prometheus`, or remove `metrics`");
        }
    }
    for (std::size_t i = 0; i < stack.exporters.size() && !stack.prometheus; ++i) {
        report.warning(code::VG0412, FieldPath{"spec", "exporters"}[i],
                       "nothing scrapes exporter `" + stack.exporters[i].name + "`: there is no `prometheus`",
                       "add `spec.prometheus`, or remove the exporter");
    }
}

std::set<std::string> ownVariables(const spec::Application& application) {
    std::set<std::string> out;
    if (application.traces && !application.traces->variable.empty()) {
        out.insert(application.traces->variable);
    }
    if (application.traces && application.traces->variables == "otel") {
        out.insert({"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_SERVICE_NAME",
                    "OTEL_RESOURCE_ATTRIBUTES"});
    }
    return out;
}

/// One service may hold several applications: what one sets must not be what another sets differently.
class SetBy {
public:
    explicit SetBy(const spec::Reporter& report) : report_(report) {}

    void see(const spec::Application& application, const std::string& variable, const std::string& value,
             const FieldPath& at) {
        if (application.service.empty()) {
            return;
        }
        const auto [first, inserted] =
            seen_.emplace(application.project + "/" + application.service + "/" + variable, value);
        if (!inserted && first->second != value) {
            reportSetTwice(at, application.service, variable, report_);
        }
    }

private:
    const spec::Reporter& report_;
    std::map<std::string, std::string> seen_;
};

std::string sourceOf(const spec::EnvVar& variable) {
    if (variable.fileFrom) {
        return "file " + variable.fileFrom->secret + " " + std::to_string(variable.fileFrom->uid.value_or(0));
    }
    return variable.valueFrom ? "secret " + variable.valueFrom->secret : "value " + variable.value;
}

void lintVariablesOfAll(const spec::Stack& stack, const spec::Reporter& report) {
    SetBy setBy(report);
    for (std::size_t i = 0; i < stack.applications.size(); ++i) {
        const auto& application = stack.applications[i];
        const FieldPath at = FieldPath{"spec", "applications"}[i];
        if (application.traces && application.traces->variable.empty() &&
            application.traces->variables.empty() && !report.written(at / "traces" / "variable") &&
            !report.written(at / "traces" / "variables")) {
            report.error(
                code::VG0489, at / "traces",
                "application `" + application.name + "` has `traces`, but no variable for the endpoint",
                "add `variable: OTEL_ENDPOINT`, or `variables: otel` for those of OpenTelemetry");
        }
        if (application.traces &&
            spec::otelVariable(application.traces->variable) == spec::OtelVariable::other) {
            report.error(code::VG0498, at / "traces" / "variable",
                         "the OpenTelemetry variable `" + application.traces->variable +
                             "` does not hold the traces endpoint",
                         "write `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, or `variables: otel` for all variables "
                         "that its SDKs read");
        }
        if (application.traces && application.traces->variables == "otel") {
            setBy.see(application, "OTEL_SERVICE_NAME", "otel " + application.name,
                      at / "traces" / "variables");
        }
        lintVariables(application.env, {ownVariables(application)}, at / "env", report);
        for (std::size_t j = 0; j < application.env.size(); ++j) {
            setBy.see(application, application.env[j].name, sourceOf(application.env[j]), (at / "env")[j]);
        }
    }
}

}  // namespace

void lintApplications(const spec::Stack& stack, const spec::Reporter& report) {
    lintObserved(stack, report);
    lintVariablesOfAll(stack, report);
}

}  // namespace vigie::lint
