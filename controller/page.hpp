// Serves the status page and its files.
#pragma once

#include "controller/http.hpp"

#include <span>
#include <string_view>
#include <vector>

/// The page for people at `/`: three files of controller/page/, compiled in. What it shows it asks the API.
/// Not for: the API.
namespace vigie::controller {

struct PageFile {
    std::string_view name;
    std::string_view text;
};

std::span<const PageFile> pageFiles();

/// `/` and the files beside it.
std::vector<std::string> pagePaths();

/// The answer to a GET of one of these paths: 200, or 304 when the browser has it; 404 for any other. It has
/// the headers that keep the page from loading, or being loaded by, anything but this controller.
HttpResponse pageHandler(const HttpRequest& request);

}  // namespace vigie::controller
