// The description of every struct of a document: which field is which member.
#include "spec/codec.hpp"

#include "spec/describe_stack.hpp"
#include "spec/fields.hpp"

namespace vigie::spec {

Stack decode(const Node& document) {
    Stack stack;
    NodeReader reader(document);
    describe(reader, stack);
    stack.indexNames();
    return stack;
}

Node encode(const Stack& stack) {
    Node document;
    NodeWriter writer(document);
    writer.field("apiVersion", std::string("vigie.dev/v1alpha1"));
    writer.field("kind", std::string("MonitoringStack"));
    describe(writer, stack);
    return document;
}

}  // namespace vigie::spec
