// Makes src/contract.ts of app/api/openapi.yaml: a type for each schema, and for each operation of the admin's API its
// path, method, body and answer. Run by scripts/web; a part of the contract that it cannot say in TypeScript is an error.
// usage: node contract.mjs openapi.yaml contract.ts
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

const kRoot = "/api/v1/admin";
const kMethods = ["get", "post", "put", "patch", "delete"];
const [source, target] = process.argv.slice(2);
const contract = parse(readFileSync(source, "utf8"), { merge: true });

const nameOf = (reference) => {
  const name = reference.split("/").at(-1);
  if (!contract.components.schemas[name]) throw new Error(`${reference} is not there`);
  return name;
};

function typeOf(schema, where) {
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.allOf) return schema.allOf.map((part) => typeOf(part, where)).join(" & ");
  if (schema.oneOf ?? schema.anyOf) return (schema.oneOf ?? schema.anyOf).map((part) => typeOf(part, where)).join(" | ");
  const one = (type) => {
    switch (type) {
      case "string": return "string";
      case "integer": case "number": return "number";
      case "boolean": return "boolean";
      case "null": return "null";
      case "array": return arrayOf(schema, where);
      case "object": return objectOf(schema, where);
      default: throw new Error(`${where}: nothing is known of the type ${JSON.stringify(type)}`);
    }
  };
  return [schema.type].flat().map(one).join(" | ");
}

function arrayOf(schema, where) {
  if (!schema.items) throw new Error(`${where}: an array of what?`);
  const items = typeOf(schema.items, `${where}[]`);
  return /[|&]/.test(items.replace(/\{.*\}/s, "")) ? `(${items})[]` : `${items}[]`;
}

function objectOf(schema, where) {
  const members = Object.entries(schema.properties ?? {});
  if (members.length === 0) return "Record<string, never>";
  const required = new Set(schema.required);
  return `{ ${members.map(([name, part]) => `${name}${required.has(name) ? "" : "?"}: ${typeOf(part, `${where}.${name}`)}`).join("; ")} }`;
}

const jsonOf = (content) => content?.["application/json"]?.schema;
const resolve = (part) => (part?.$ref ? part.$ref.split("/").slice(1).reduce((at, key) => at[key], contract) : part);

function operation(path, method, { operationId, requestBody, responses }) {
  const body = jsonOf(resolve(requestBody)?.content);
  const [, good] = Object.entries(responses).find(([status]) => status.startsWith("2")) ?? [];
  const answer = jsonOf(resolve(good)?.content);
  const literal = "`" + path.slice(kRoot.length).replace(/\{\w+\}/g, "${string}") + "`";
  return `  ${operationId}: { path: ${literal}; method: "${method.toUpperCase()}"; body: ${body ? typeOf(body, operationId) : "undefined"}; answer: ${answer ? typeOf(answer, operationId) : "undefined"} };`;
}

const lines = ["// Made of app/api/openapi.yaml by contract.mjs: change that, and run scripts/web build.", ""];
for (const [name, schema] of Object.entries(contract.components.schemas))
  lines.push(`export type ${name} = ${typeOf(schema, name)};`);
lines.push("", "/** What can be asked of the admin's API. */", "export interface Api {");
for (const [path, item] of Object.entries(contract.paths))
  if (path.startsWith(kRoot + "/"))
    for (const method of kMethods) if (item[method]) lines.push(operation(path, method, item[method]));
lines.push("}", "");
writeFileSync(target, lines.join("\n"));
