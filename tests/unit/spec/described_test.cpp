// Tests that every field of a schema is described by a struct, or lies where anything is passed through:
// nothing else would notice a field that the document may have and no program reads.

#include "controller/describe_config.hpp"
#include "facts/describe.hpp"
#include "spec/describe_stack.hpp"
#include "spec/schema.hpp"
#include "tests/support/catch.hpp"

#include <set>
#include <typeindex>

namespace vigie::spec {
namespace {

/// Stands in for a reader or writer, and collects the paths that descriptions name.
class Described {
public:
    std::set<std::string> fields;
    std::set<std::string> open;  ///< below these everything is taken as it is

    template <class T>
    void field(const char* key, T& value) {
        const auto before = std::exchange(at_, join(key));
        walk(value);
        at_ = before;
    }
    void rest(Node& /*value*/, std::initializer_list<std::string_view> /*known*/) { open.insert(at_); }
    template <class F>
    void group(const char* key, F inside) {
        const auto before = std::exchange(at_, join(key));
        inside(*this);
        at_ = before;
    }

private:
    [[nodiscard]] std::string join(const char* key) const { return at_.empty() ? key : at_ + "." + key; }

    void walk(Node& /*value*/) { open.insert(at_); }
    void walk(std::string& /*value*/) { fields.insert(at_); }
    template <class T>
    requires(std::is_arithmetic_v<T> || WrittenAsText<T>) void walk(T& /*value*/) { fields.insert(at_); }
    template <class T>
    void walk(std::optional<T>& value) {
        walk(value.emplace());
    }
    template <class T>
    void walk(std::vector<T>& /*value*/) {
        inside("[]", T{});
    }
    template <class T>
    void walk(std::map<std::string, T>& /*value*/) {
        inside(".*", T{});
    }
    template <class T>
    requires(std::is_class_v<T> && !WrittenAsText<T>) void walk(T& value) {
        if (!within_.insert(typeid(T)).second) {
            open.insert(at_);  // a route in a route: the same again
            return;
        }
        describe(*this, value);
        within_.erase(typeid(T));
    }

    template <class T>
    void inside(const char* step, T item) {
        const auto before = std::exchange(at_, at_ + step);
        walk(item);
        at_ = before;
    }

    std::string at_;
    std::set<std::type_index> within_;  ///< the structs around what is described
};

/// The paths of everything in a schema that has no fields of its own.
void leaves(const Schema& schema, const std::string& path, std::set<const Schema*>& above,
            std::set<std::string>& out) {
    if (!above.insert(&schema).second) {
        return;  // a route in a route
    }
    for (const auto& property : schema.properties) {
        leaves(*property.schema, (path.empty() ? "" : path + ".") + std::string(property.name), above, out);
    }
    if (schema.additional != nullptr) {
        leaves(*schema.additional, path + ".*", above, out);
    }
    if (schema.items != nullptr) {
        leaves(*schema.items, path + "[]", above, out);
    }
    if (schema.properties.empty() && schema.additional == nullptr && schema.items == nullptr) {
        out.insert(path);
    }
    above.erase(&schema);
}

/// Leaves of the schema that no description names.
template <class T>
std::set<std::string> undescribed(const Schema& schema) {
    Described io;
    T value;
    describe(io, value);
    std::set<const Schema*> above;
    std::set<std::string> all;
    leaves(schema, "", above, all);
    std::set<std::string> out;
    for (const auto& leaf : all) {
        const bool passed = std::any_of(io.open.begin(), io.open.end(), [&](const std::string& open) {
            return leaf == open || leaf.starts_with(open + ".") || leaf.starts_with(open + "[");
        });
        if (!passed && io.fields.count(leaf) == 0) {
            out.insert(leaf);
        }
    }
    return out;
}

using Leaves = std::set<std::string>;

TEST_CASE("every field of the document is described by a struct or passed through", "[spec][described]") {
    auto found = undescribed<Stack>(stackSchema());
    std::erase_if(found, [](const std::string& leaf) { return leaf.starts_with("status."); });  // we write it
    // The same in every document, and what only an API server reads.
    CHECK(found == Leaves{"apiVersion", "kind", "metadata.namespace"});
}

TEST_CASE("every field of the configuration is described by a struct", "[spec][described]") {
    CHECK(undescribed<controller::Config>(configSchema()) == Leaves{});
}

TEST_CASE("every field of facts is described by a struct, or is for people", "[spec][described]") {
    // What is printed for whoever reads the file, and compared with nothing.
    CHECK(undescribed<facts::HostFacts>(factsSchema()) == Leaves{"apiVersion", "kind", "vigie", "images[].id",
                                                                 "images[].name", "projects[].othersWrite[]",
                                                                 "projects[].services.*.depends_on[]"});
}

TEST_CASE("a field that no struct has is found", "[spec][described]") {
    static const Schema kText{Schema::Type::string};
    static const std::array<Property, 2> kFields = {Property{"secret", &kText},
                                                    Property{"forgotten", &kText}};
    Schema schema;
    schema.properties = kFields;
    CHECK(undescribed<SecretReference>(schema) == Leaves{"forgotten"});
}

}  // namespace
}  // namespace vigie::spec
