// The interface through which the controller logs.
#pragma once

#include <string>

namespace vigie::controller {

/// Where the reconciler talks. Texts are free of secrets: diffs are masked where they are made.
class Log {
public:
    Log() = default;
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    Log(Log&&) = delete;
    Log& operator=(Log&&) = delete;
    virtual ~Log() = default;

    virtual void info(const std::string& text) = 0;
    virtual void warning(const std::string& text) = 0;
    virtual void error(const std::string& text) = 0;
};

}  // namespace vigie::controller
