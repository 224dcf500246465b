"use strict";
// Lists every operation of openapi.json and lets a person try it. All text goes in as text.

const base = "/api/v1";
// kept nowhere else: whoever reloads the page signs in again
let tokens = null;
let described = null;

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") element.className = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

const pieces = (text) => (text || "").split(/(`[^`]+`)/).map((piece) =>
  piece.startsWith("`") ? make("code", {}, piece.slice(1, -1)) : piece);

const words = (text) =>
  (text || "").trim().split(/\n\s*\n/).map((part) => make("p", {}, ...pieces(part)));

const resolved = (schema) =>
  schema && schema.$ref ? described.components.schemas[schema.$ref.split("/").pop()] : schema || {};

function kind(schema) {
  const one = resolved(schema);
  if (one.enum) return one.enum.map((each) => JSON.stringify(each)).join(" or ");
  if (one.const !== undefined) return JSON.stringify(one.const);
  if (one.anyOf) return one.anyOf.map(kind).filter((each) => each !== "null").join(" or ");
  if (one.type === "array") return "list of " + kind(one.items);
  return one.format || one.type || "anything";
}

function example(schema, depth = 0) {
  const one = resolved(schema);
  if (one.examples && one.examples.length) return one.examples[0];
  if (one.default !== undefined) return one.default;
  if (one.enum) return one.enum[0];
  if (one.anyOf) return example(one.anyOf[0], depth);
  if (one.type === "array") return depth > 4 ? [] : [example(one.items, depth + 1)];
  if (one.properties && depth < 5) {
    return Object.fromEntries(Object.entries(one.properties)
      .map(([name, each]) => [name, example(each, depth + 1)]));
  }
  if (one.type === "integer" || one.type === "number") return 1;
  if (one.type === "boolean") return true;
  if (one.format === "date") return new Date().toISOString().slice(0, 10);
  return one.type === "object" ? {} : "";
}

// what a person has to fill in, without what may stay away
function needed(schema) {
  const one = resolved(schema);
  if (one.examples && one.examples.length) return one.examples[0];
  const names = one.required || [];
  return Object.fromEntries(names.map((name) => [name, example(one.properties[name])]));
}

function fields(title, rows) {
  if (!rows.length) return null;
  const body = make("tbody");
  for (const [name, schema, required, text] of rows) {
    body.append(make("tr", {},
      make("td", {}, name),
      make("td", {}, ...pieces(text || resolved(schema).description),
        make("div", { class: "quiet" }, kind(schema) + (required ? ", needed" : "")))));
  }
  return make("div", {}, make("h3", {}, title), make("table", {}, body));
}

const properties = (schema) => {
  const one = resolved(schema);
  return Object.entries(one.properties || {}).map(([name, each]) =>
    [name, each, (one.required || []).includes(name), each.description]);
};

// an answer always has all of its fields
const given = (schema) => properties(schema).map(([name, each, , text]) => [name, each, false, text]);

async function call(method, path, { body, type, more } = {}) {
  const headers = Object.assign({}, more);
  if (tokens) headers.authorization = "Bearer " + tokens.access;
  if (body !== undefined) headers["content-type"] = type || "application/json";
  return fetch(base + path, { method, headers, body, credentials: "omit", cache: "no-store" });
}

async function show(response, place) {
  const type = response.headers.get("content-type") || "";
  const text = await response.text();
  let shown = text;
  if (type.includes("json")) shown = JSON.stringify(JSON.parse(text), null, 2);
  place.replaceChildren(
    make("p", { class: response.ok ? "" : "wrong" }, response.status + " " + type),
    make("pre", { tabindex: "0" }, shown.slice(0, 20000) || "Nothing."));
}

function tryOut(method, path, operation) {
  const asked = operation.parameters || [];
  const contents = Object.entries((operation.requestBody || {}).content || {});
  const [type, content] = contents[0] || [];
  const inputs = asked.map((each) => {
    const input = make("input", {
      name: each.name, required: each.required,
      placeholder: each.schema.default !== undefined ? String(each.schema.default ?? "") : "",
    });
    return [each, input];
  });
  const text = type && make("textarea", { rows: "8", spellcheck: "false" });
  if (text) text.value = type === "application/json"
    ? JSON.stringify(needed(content.schema), null, 2) : example(content.schema);
  const result = make("div", { "aria-live": "polite" });
  const form = make("form", { onsubmit: send },
    ...inputs.map(([each, input]) => make("label", {}, each.name, input)),
    text && make("label", { class: "wide" }, "Body, " + type, text),
    make("button", { class: "primary" }, "Call"));
  async function send(event) {
    event.preventDefault();
    const query = new URLSearchParams(), more = {};
    let address = path;
    for (const [each, input] of inputs) {
      if (input.value === "") continue;
      if (each.in === "path") address = address.replace(`{${each.name}}`, encodeURIComponent(input.value));
      else if (each.in === "header") more[each.name] = input.value;
      else query.append(each.name, input.value);
    }
    const full = address + (query.size ? "?" + query : "");
    try {
      await show(await call(method.toUpperCase(), full, { body: text && text.value, type, more }), result);
    } catch {
      result.replaceChildren(make("p", { class: "wrong" }, "The server cannot be reached right now."));
    }
  }
  return [form, result];
}

function operation(method, path, one) {
  const contents = Object.entries((one.requestBody || {}).content || {});
  const good = Object.entries(one.responses).find(([status]) => status.startsWith("2"));
  const answers = good && good[1].content && good[1].content["application/json"];
  const listed = answers && (resolved(answers.schema).properties || {}).items;
  const details = make("details", {},
    make("summary", {},
      make("span", { class: "method" }, method.toUpperCase()),
      make("span", { class: "path" }, base + path),
      make("span", { class: "title" }, one.summary || "")));
  // drawn when it is opened: there are many
  details.addEventListener("toggle", () => {
    if (!details.open || details.children.length > 1) return;
    details.append(...words(one.description),
      fields("Asked with", (one.parameters || []).map((each) =>
        [each.name, each.schema, each.required, each.description || each.schema.description])) || "",
      (contents[0] && fields("Body", properties(contents[0][1].schema))) || "",
      (answers && fields("Answer", given(answers.schema))) || "",
      (listed && fields("Each of the items", given(listed.items))) || "",
      make("h3", {}, "Try it"), ...tryOut(method, path, one));
  });
  return details;
}

function draw() {
  document.querySelector("#words").replaceChildren(...words(described.info.description));
  const place = document.querySelector("#operations"), parts = new Map();
  for (const [path, methods] of Object.entries(described.paths)) {
    for (const [method, one] of Object.entries(methods)) {
      const name = (one.tags || ["other"])[0];
      if (!parts.has(name)) {
        parts.set(name, make("section", {}, make("h2", {}, name[0].toUpperCase() + name.slice(1))));
        place.append(parts.get(name));
      }
      parts.get(name).append(operation(method, path, one));
    }
  }
}

const say = (text) => { document.querySelector("#said").textContent = text; };

function keep(found) {
  tokens = found;
}

async function who() {
  let name = "";
  if (tokens) {
    const response = await call("GET", "/me");
    if (response.ok) {
      const me = await response.json();
      name = `Signed in as ${me.name}, ${me.role.replace("_", " ")}.`;
    } else {
      keep(null);
      say("You were signed out.");
    }
  }
  document.querySelector("#who-is-here").textContent = name;
  document.querySelector("#signed-in").hidden = !tokens;
  document.querySelector("#sign-in").hidden = Boolean(tokens);
}

async function exchange(path, body) {
  const response = await call("POST", path, { body: JSON.stringify(body) });
  const found = await response.json();
  if (!response.ok) say(found.detail);
  return response.ok ? found : null;
}

document.querySelector("#sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  say("");
  tokens = null;
  keep(await exchange("/auth/token", { email: form.email.value, password: form.password.value }));
  form.password.value = "";
  await who();
});
document.querySelector("#renew").addEventListener("click", async () => {
  keep(await exchange("/auth/refresh", { refresh: tokens.refresh }));
  if (tokens) say("The token is new.");
  await who();
});
document.querySelector("#sign-out").addEventListener("click", async () => {
  await exchange("/auth/logout", { refresh: tokens.refresh });
  keep(null);
  say("You are signed out.");
  await who();
});

(async () => {
  described = await (await fetch("openapi.json")).json();
  draw();
  await who();
})();
