package dev.coterie.node.console;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Holds a JSON value against what the OpenAPI file says of it: as much of JSON Schema as that file uses. */
final class Schema {

    private final JsonNode document;
    private final List<String> wrong = new ArrayList<>();

    private Schema(JsonNode document) {
        this.document = document;
    }

    /** Everything about a value that is not as the schema says. */
    static List<String> violations(JsonNode document, JsonNode schema, JsonNode value) {
        Schema check = new Schema(document);
        check.check(schema, value, "$");
        return check.wrong;
    }

    private void check(JsonNode schema, JsonNode value, String path) {
        if (schema.has("$ref")) {
            check(document.at(schema.get("$ref").asString().substring(1)), value, path);
            return;
        }
        if (schema.has("anyOf")) {
            boolean one = false;
            for (JsonNode option : schema.get("anyOf")) {
                one |= violations(document, option, value).isEmpty();
            }
            expect(one, path + " is none of what it may be: " + value);
            return;
        }
        checkType(schema, value, path);
        if (schema.has("enum")) {
            boolean listed = false;
            for (JsonNode option : schema.get("enum")) {
                listed |= option.equals(value);
            }
            expect(listed, path + " is not in the list: " + value);
        }
        if (value.isArray() && schema.has("items")) {
            for (int i = 0; i < value.size(); i++) {
                check(schema.get("items"), value.get(i), path + "[" + i + "]");
            }
        }
        if (value.isObject()) {
            checkObject(schema, value, path);
        }
    }

    private void checkType(JsonNode schema, JsonNode value, String path) {
        if (!schema.has("type")) {
            return;
        }
        JsonNode type = schema.get("type");
        boolean fits = type.isArray() ? false : is(type.asString(), value);
        for (JsonNode option : type) {
            fits |= is(option.asString(), value);
        }
        expect(fits, path + " is no " + type + ": " + value);
    }

    private static boolean is(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> throw new AssertionError("no type: " + type);
        };
    }

    private void checkObject(JsonNode schema, JsonNode value, String path) {
        JsonNode properties = schema.path("properties");
        for (JsonNode required : schema.path("required")) {
            expect(value.has(required.asString()), path + " has no " + required.asString());
        }
        JsonNode more = schema.path("additionalProperties");
        for (String name : value.propertyNames()) {
            if (properties.has(name)) {
                check(properties.get(name), value.get(name), path + "." + name);
            } else if (more.isObject()) {
                check(more, value.get(name), path + "." + name);
            } else {
                expect(!more.isBoolean() || more.asBoolean(), path + " has " + name + ", of which nothing is said");
            }
        }
    }

    private void expect(boolean holds, String what) {
        if (!holds) {
            wrong.add(what);
        }
    }
}
