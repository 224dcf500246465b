"use strict";
// Signs in with an e-mail address and a password, and sends the token with every request that
// Swagger UI makes. The tokens are in memory only: after a reload the user signs in again.

const base = "/api/v1";
let tokens = null;

const element = (selector) => document.querySelector(selector);
const say = (text) => { element("#message").textContent = text; };

async function post(path, body) {
  const response = await fetch(base + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  if (!response.ok) say(answer.detail);
  return response.ok ? answer : null;
}

async function showUser() {
  let user = "";
  if (tokens) {
    const response = await fetch(base + "/me", {
      headers: { authorization: "Bearer " + tokens.access },
    });
    if (response.ok) {
      const me = await response.json();
      user = `Signed in as ${me.name}, ${me.role.replace("_", " ")}.`;
    } else {
      tokens = null;
      say("You were signed out.");
    }
  }
  element("#user").textContent = user;
  element("#signed-in").hidden = !tokens;
  element("#sign-in").hidden = Boolean(tokens);
}

element("#sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  say("");
  tokens = await post("/auth/token", { email: form.email.value, password: form.password.value });
  form.password.value = "";
  await showUser();
});
element("#renew").addEventListener("click", async () => {
  tokens = await post("/auth/refresh", { refresh: tokens.refresh });
  if (tokens) say("The token is new.");
  await showUser();
});
element("#sign-out").addEventListener("click", async () => {
  await post("/auth/logout", { refresh: tokens.refresh });
  tokens = null;
  say("You are signed out.");
  await showUser();
});

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    // only our own API may see the token
    const own = new URL(request.url, location.href).origin === location.origin;
    if (tokens && own) request.headers.authorization = "Bearer " + tokens.access;
    return request;
  },
});
