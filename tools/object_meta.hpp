// The part of Kubernetes' ObjectMeta that a document in git may have.
#pragma once

namespace object_meta {

/// What of Kubernetes' ObjectMeta a document in git may have. A CustomResourceDefinition may not say this
/// itself: an API server knows the type, and allows only the name to be restricted.
constexpr const char* kSchema = R"(
type: object
description: What the stack is called.
required: [name]
properties:
  name:
    type: string
    format: name
    description: The stack's name. Secrets are sealed to it, so a renamed stack needs its secrets sealed again.
  namespace: { type: string, format: name, description: For a Kubernetes cluster. vigie does not interpret it. }
  labels:
    type: object
    description: Free labels of the document. vigie does not interpret them.
    additionalProperties: { type: string }
  annotations:
    type: object
    description: Free annotations of the document. vigie does not interpret them.
    additionalProperties: { type: string }
)";

}  // namespace object_meta
