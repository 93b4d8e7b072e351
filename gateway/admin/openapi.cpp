#include "admin/openapi.hpp"

namespace adit::admin {
namespace {

constexpr std::string_view text = R"json({
  "openapi": "3.1.0",
  "info": {
    "title": "Adit admin API",
    "version": "1",
    "summary": "Look at the gateway, move weights, withdraw canaries.",
    "description": "Weights are numbers of percent with at most two decimals. The stable track has no weight of its own: it takes what the others leave. Add ?pretty to any JSON answer to have it indented. Errors are application/problem+json (RFC 9457).",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
  },
  "servers": [{"url": "/"}],
  "security": [{"bearer": []}, {}],
  "paths": {
    "/livez": {
      "get": {
        "operationId": "getLivez", "summary": "Whether the process answers", "security": [{}],
        "responses": {"200": {"$ref": "#/components/responses/Text"}}
      }
    },
    "/readyz": {
      "get": {
        "operationId": "getReadyz", "summary": "Whether the gateway should be sent traffic", "security": [{}],
        "description": "Degraded checks are told and do not count: the gateway goes on serving what it last knew.",
        "parameters": [{"$ref": "#/components/parameters/Verbose"}, {"$ref": "#/components/parameters/Exclude"}],
        "responses": {
          "200": {"$ref": "#/components/responses/Text"},
          "503": {"description": "Not ready; one line a check", "content": {"text/plain": {"schema": {"type": "string"}}}}
        }
      }
    },
    "/healthz": {
      "get": {
        "operationId": "getHealthz", "summary": "The same as /readyz, by the name that older probes use", "security": [{}],
        "parameters": [{"$ref": "#/components/parameters/Verbose"}, {"$ref": "#/components/parameters/Exclude"}],
        "responses": {
          "200": {"$ref": "#/components/responses/Text"},
          "503": {"description": "Not ready; one line a check", "content": {"text/plain": {"schema": {"type": "string"}}}}
        }
      }
    },
    "/metrics": {
      "get": {
        "operationId": "getMetrics", "summary": "Metrics in Prometheus text format 0.0.4",
        "responses": {"200": {"$ref": "#/components/responses/Text"}, "default": {"$ref": "#/components/responses/Problem"}}
      }
    },
    "/version": {
      "get": {
        "operationId": "getVersion", "summary": "Version, revision, compiler and libraries",
        "responses": {
          "200": {"description": "The version", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Version"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/openapi.json": {
      "get": {
        "operationId": "getOpenapi", "summary": "This document",
        "responses": {
          "200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/routes": {
      "get": {
        "operationId": "getRoutes", "summary": "All routes with their tracks and weights",
        "responses": {
          "200": {
            "description": "The routes, by name",
            "content": {"application/json": {"schema": {
              "type": "object", "required": ["routes"],
              "properties": {"routes": {"type": "array", "items": {"$ref": "#/components/schemas/Route"}}}
            }}}
          },
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/routes/{name}": {
      "parameters": [{"$ref": "#/components/parameters/Name"}],
      "get": {
        "operationId": "getRoute", "summary": "One route; its ETag is its generation",
        "responses": {
          "200": {
            "description": "The route",
            "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Route"}}}
          },
          "404": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/routes/{name}/weights": {
      "parameters": [
        {"$ref": "#/components/parameters/Name"},
        {"$ref": "#/components/parameters/IfMatch"},
        {"$ref": "#/components/parameters/Pause"}
      ],
      "put": {
        "operationId": "putWeights", "summary": "Override the declared weights",
        "description": "Tracks that are not named keep their weights. Answered when all workers have taken the change.",
        "requestBody": {
          "required": true,
          "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Weights"}, "example": {"canary": 12.5}}}
        },
        "responses": {
          "200": {"$ref": "#/components/responses/WeightsChanged"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "412": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "deleteWeights", "summary": "Go back to the declared weights",
        "responses": {
          "200": {"$ref": "#/components/responses/WeightsChanged"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "412": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/ingresses/{namespace}/{name}/weights": {
      "parameters": [
        {"name": "namespace", "in": "path", "required": true, "schema": {"type": "string"}},
        {"name": "name", "in": "path", "required": true, "description": "Of a canary Ingress", "schema": {"type": "string"}},
        {"$ref": "#/components/parameters/IfMatch"}
      ],
      "get": {
        "operationId": "getIngressWeights", "summary": "The tracks that a canary Ingress gives to routes of others",
        "responses": {
          "200": {
            "description": "Its tracks and their weights; the ETag is the newest generation of a route",
            "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ingress"}}}
          },
          "404": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "put": {
        "operationId": "putIngressWeights", "summary": "Override the declared weight on all routes of a canary Ingress",
        "description": "On all of them or on none, in one change of every worker. Other canaries keep their weights. On each route it lasts until it is deleted or a declared weight of the route changes.",
        "parameters": [{"$ref": "#/components/parameters/Pause"}],
        "requestBody": {
          "required": true,
          "content": {"application/json": {
            "schema": {
              "type": "object", "required": ["weight"], "additionalProperties": false,
              "properties": {"weight": {"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.01}}
            },
            "example": {"weight": 12.5}
          }}
        },
        "responses": {
          "200": {"$ref": "#/components/responses/IngressChanged"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "412": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "deleteIngressWeights", "summary": "Go back to the declared weight on all routes of a canary Ingress",
        "responses": {
          "200": {"$ref": "#/components/responses/IngressChanged"},
          "404": {"$ref": "#/components/responses/Problem"},
          "412": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/reload": {
      "post": {
        "operationId": "postReload", "summary": "Read the configuration again",
        "description": "A configuration with errors changes nothing; they are listed in the problem's complaints.",
        "responses": {
          "200": {
            "description": "Read and in force",
            "content": {"application/json": {"schema": {
              "type": "object", "required": ["changed", "generation", "warnings"],
              "properties": {
                "changed": {"type": "boolean"},
                "generation": {"type": "integer"},
                "warnings": {"type": "array", "items": {"$ref": "#/components/schemas/Complaint"}}
              }
            }}}
          },
          "422": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/explain": {
      "post": {
        "operationId": "postExplain", "summary": "Which route and track a request would get, and why",
        "requestBody": {
          "required": true,
          "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/ExplainRequest"},
            "example": {"url": "http://shop.test/cart", "headers": {"X-Next": "gold"}}
          }}
        },
        "responses": {
          "200": {"description": "Every rule with its match or miss", "content": {"application/json": {"schema": {"type": "object"}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/events": {
      "get": {
        "operationId": "getEvents", "summary": "What happens, as Server-Sent Events",
        "description": "Each event has an id; send the last one as Last-Event-ID to get what was missed. An event named gap says that some of it is gone: read the state again.",
        "parameters": [{"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}}],
        "responses": {
          "200": {"description": "The stream", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
          "503": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/tap": {
      "get": {
        "operationId": "getTap", "summary": "Exchanges as they end, as Server-Sent Events",
        "description": "An event `exchange` for each, with the members of a line of the access log in its layout json. An event `lost` tells how many were not shown: over_rate came faster than `rate`, late were not read in time, unseen found no room in the gateway and may not have been asked for. Nothing waits for a reader.",
        "parameters": [
          {"name": "route", "in": "query", "description": "Only of this route", "schema": {"type": "string"}},
          {"name": "track", "in": "query", "description": "Only those that this track carried", "schema": {"type": "string"}},
          {"name": "status", "in": "query", "description": "A status or a class: 404, 5xx", "schema": {"type": "string", "pattern": "^[1-5]([0-9]{2}|xx)$"}},
          {"name": "method", "in": "query", "schema": {"type": "string"}},
          {"name": "path", "in": "query", "description": "How the path begins", "schema": {"type": "string"}},
          {"name": "min_duration", "in": "query", "description": "How long it took at least: 250ms", "schema": {"type": "string"}},
          {"name": "reason", "in": "query", "description": "Why the track was chosen", "schema": {"type": "string"}},
          {"name": "end", "in": "query", "description": "How it ended: done, or the name of a refusal", "schema": {"type": "string"}},
          {"name": "rate", "in": "query", "description": "Exchanges a second", "schema": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 100}}
        ],
        "responses": {
          "200": {"description": "The stream; it goes on until either side ends it", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
          "400": {"$ref": "#/components/responses/Problem"},
          "503": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/kill": {
      "post": {
        "operationId": "postKill", "summary": "Send everybody to stable, whatever the weights, until it is undone",
        "requestBody": {"required": false, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Kill"}}}},
        "responses": {
          "200": {"$ref": "#/components/responses/KillChanged"},
          "400": {"$ref": "#/components/responses/Problem"},
          "404": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "operationId": "deleteKill", "summary": "Undo the kill switch",
        "parameters": [{
          "name": "route", "in": "query", "description": "A route, as often as there are routes; none = all of them",
          "schema": {"type": "array", "items": {"type": "string"}}
        }],
        "requestBody": {"required": false, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Kill"}}}},
        "responses": {
          "200": {"$ref": "#/components/responses/KillChanged"},
          "404": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"},
          "default": {"$ref": "#/components/responses/Problem"}
        }
      }
    }
  },
)json"
                                  R"json(  "components": {
    "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "A token of --admin-token-file"}},
    "headers": {"ETag": {"description": "The route's generation, quoted", "schema": {"type": "string"}, "example": "\"7\""}},
    "parameters": {
      "Name": {"name": "name", "in": "path", "required": true, "description": "The route's name; / in it is written %2F", "schema": {"type": "string"}},
      "IfMatch": {"name": "If-Match", "in": "header", "description": "An ETag of the route; a stale one is refused with 412", "schema": {"type": "string"}},
      "Pause": {"name": "pause", "in": "query", "description": "Pause a release that is active on the route", "schema": {"type": "boolean"}},
      "Verbose": {"name": "verbose", "in": "query", "description": "Tell every check", "allowEmptyValue": true, "schema": {"type": "string"}},
      "Exclude": {"name": "exclude", "in": "query", "description": "A check that does not count", "schema": {"type": "array", "items": {"type": "string"}}}
    },
    "responses": {
      "Text": {"description": "Text", "content": {"text/plain": {"schema": {"type": "string"}}}},
      "Problem": {"description": "What went wrong", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
      "WeightsChanged": {
        "description": "The route as it is now",
        "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
        "content": {"application/json": {"schema": {
          "allOf": [{"$ref": "#/components/schemas/Route"}, {
            "type": "object", "required": ["before", "after"],
            "properties": {"before": {"$ref": "#/components/schemas/Weights"}, "after": {"$ref": "#/components/schemas/Weights"}}
          }]
        }}}
      },
      "IngressChanged": {
        "description": "The Ingress as it is now",
        "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
        "content": {"application/json": {"schema": {
          "allOf": [{"$ref": "#/components/schemas/Ingress"}, {
            "type": "object", "required": ["before", "after"],
            "properties": {"before": {"type": ["number", "null"]}, "after": {"type": ["number", "null"]}}
          }]
        }}}
      },
      "KillChanged": {
        "description": "The routes as they are now",
        "content": {"application/json": {"schema": {
          "type": "object", "required": ["all", "before", "routes"],
          "properties": {
            "all": {"type": "boolean", "description": "Whether the switch that covers every route is on"},
            "before": {"type": "array", "items": {"type": "string"}, "description": "Routes that were killed before"},
            "routes": {"type": "array", "items": {"$ref": "#/components/schemas/Route"}}
          }
        }}}
      }
    },
    "schemas": {
      "Weights": {
        "type": "object", "description": "Percent by track", "minProperties": 1,
        "additionalProperties": {"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.01}
      },
      "Ingress": {
        "type": "object",
        "required": ["name", "weight", "generation", "durable", "routes", "warnings"],
        "properties": {
          "name": {"type": "string", "description": "namespace/name"},
          "weight": {"type": ["number", "null"], "description": "What all its tracks get; null where they differ"},
          "generation": {"type": "integer", "description": "The newest of its routes"},
          "durable": {"type": "boolean"},
          "routes": {"type": "array", "items": {
            "type": "object", "required": ["route", "track", "weight", "weights_from", "generation"],
            "properties": {
              "route": {"type": "string"},
              "track": {"type": "string"},
              "weight": {
                "type": "object", "required": ["effective"],
                "properties": {"declared": {"type": "number"}, "overridden": {"type": "number"}, "effective": {"type": "number"}}
              },
              "weights_from": {"enum": ["declared", "override", "release", "kill"]},
              "generation": {"type": "integer"}
            }
          }},
          "warnings": {"type": "array", "items": {"type": "string"}}
        }
      },
      "Route": {
        "type": "object",
        "required": ["name", "generation", "match", "choice", "weights", "weights_from", "durable", "killed", "tracks", "warnings"],
        "properties": {
          "name": {"type": "string"},
          "generation": {"type": "integer", "description": "Rises with every change of the route"},
          "match": {
            "type": "object", "required": ["hosts", "path"],
            "properties": {
              "hosts": {"type": "array", "items": {"type": "string"}, "description": "Empty = every host"},
              "path": {"type": "object", "description": "One of prefix, exact, regex", "additionalProperties": {"type": "string"}},
              "conditions": {"type": "array", "items": {"type": "string"}}
            }
          },
          "choice": {"type": "string", "description": "Dice, or the cohort's key"},
          "weights": {"$ref": "#/components/schemas/Weights"},
          "weights_from": {"enum": ["declared", "override", "release", "kill"]},
          "durable": {"type": "boolean", "description": "Whether an override outlives the process"},
          "killed": {"type": "boolean"},
          "kill_reason": {"type": "string"},
          "overridden_by": {"type": "string"},
          "tracks": {"type": "array", "items": {"$ref": "#/components/schemas/Track"}},
          "warnings": {"type": "array", "items": {"type": "string"}}
        }
      },
      "Track": {
        "type": "object", "required": ["name", "weight", "endpoints"],
        "properties": {
          "name": {"type": "string"},
          "weight": {
            "type": "object", "required": ["effective"],
            "properties": {"declared": {"type": "number"}, "overridden": {"type": "number"}, "effective": {"type": "number"}}
          },
          "endpoints": {"type": "array", "items": {
            "type": "object", "required": ["address", "state"],
            "properties": {"address": {"type": "string"}, "state": {"enum": ["usable", "ejected", "unhealthy", "draining", "unready", "unresolved"]}}
          }}
        }
      },
      "Kill": {
        "type": "object", "additionalProperties": false,
        "properties": {
          "routes": {"type": "array", "minItems": 1, "items": {"type": "string"}, "description": "Absent = every route"},
          "reason": {"type": "string"}
        }
      },
      "ExplainRequest": {
        "type": "object", "additionalProperties": false,
        "properties": {
          "method": {"type": "string", "default": "GET"},
          "url": {"type": "string", "description": "Instead of host and path"},
          "host": {"type": "string"},
          "path": {"type": "string", "description": "With the query", "default": "/"},
          "headers": {"description": "An object of strings or lists of strings, or a list of \"Name: value\"", "type": ["object", "array"]},
          "address": {"type": "string", "description": "The client's IP address"}
        }
      },
      "Version": {
        "type": "object", "required": ["name", "version", "revision", "compiler", "libraries"],
        "properties": {
          "name": {"const": "adit"}, "version": {"type": "string"}, "revision": {"type": "string"},
          "compiler": {"type": "string"}, "libraries": {"type": "object", "additionalProperties": {"type": "string"}}
        }
      },
      "Complaint": {
        "type": "object", "required": ["level", "message"],
        "properties": {
          "level": {"enum": ["error", "warning"]}, "message": {"type": "string"}, "key": {"type": "string"},
          "hint": {"type": "string"}, "file": {"type": "string"}, "line": {"type": "integer"}, "column": {"type": "integer"}
        }
      },
      "Problem": {
        "type": "object", "required": ["type", "title", "status", "detail"],
        "properties": {
          "type": {"type": "string", "pattern": "^urn:adit:problem:[a-z0-9-]+$"},
          "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
          "hint": {"type": "string", "description": "What to do instead"},
          "key": {"type": "string", "description": "The member, field or parameter at fault"},
          "line": {"type": "integer"}, "column": {"type": "integer"},
          "complaints": {"type": "array", "items": {"$ref": "#/components/schemas/Complaint"}}
        }
      }
    }
  }
}
)json";

} // namespace

std::string_view openapi_text() {
    return text;
}

} // namespace adit::admin
