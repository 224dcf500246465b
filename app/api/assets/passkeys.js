"use strict";
// Runs a WebAuthn ceremony for the page it is on: <form data-kind data-options data-send>.

const form = document.getElementById("passkey");
const status = document.getElementById("status");
const button = form.querySelector("button");
const adds = form.dataset.kind === "add";

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));

const spelled = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const PROBLEMS = {
  NotAllowedError: adds
    ? "No passkey was made: the request was cancelled or took too long."
    : "No passkey was used: the request was cancelled or took too long, or this device has none.",
  InvalidStateError: "This device already holds a passkey for your account.",
  SecurityError: `Passkeys work only at ${form.dataset.origin}. Open DonorCRM there.`,
  NotSupportedError: adds
    ? "This device cannot make a passkey that DonorCRM can use."
    : "This device cannot use passkeys. Sign in with your password.",
};

class RefusedError extends Error {}

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new RefusedError(found.detail || "This did not work. Try again.");
  return found;
}

function prepared(options) {
  const ready = { ...options, challenge: bytes(options.challenge) };
  if (ready.user) ready.user = { ...ready.user, id: bytes(ready.user.id) };
  for (const name of ["excludeCredentials", "allowCredentials"]) {
    if (ready[name]) ready[name] = ready[name].map((one) => ({ ...one, id: bytes(one.id) }));
  }
  return ready;
}

function written(credential) {
  const given = credential.response;
  const response = { clientDataJSON: spelled(given.clientDataJSON) };
  if (adds) {
    response.attestationObject = spelled(given.attestationObject);
    response.transports = given.getTransports ? given.getTransports() : [];
  } else {
    response.authenticatorData = spelled(given.authenticatorData);
    response.signature = spelled(given.signature);
    if (given.userHandle) response.userHandle = spelled(given.userHandle);
  }
  const rawId = spelled(credential.rawId);
  return { id: rawId, rawId, type: credential.type, response, clientExtensionResults: {} };
}

function say(words, problem) {
  status.textContent = words;
  status.hidden = false;
  status.setAttribute("role", problem ? "alert" : "status");
}

async function run() {
  button.disabled = true;
  say(adds ? "Follow your device to make the passkey." : "Follow your device to use your passkey.");
  try {
    const publicKey = prepared(await post(form.dataset.options, {}));
    const credential = adds
      ? await navigator.credentials.create({ publicKey })
      : await navigator.credentials.get({ publicKey });
    const more = adds ? { name: form.elements.name.value } : { next: form.dataset.next };
    const done = await post(form.dataset.send, { credential: written(credential), ...more });
    window.location.replace(done.to);
  } catch (error) {
    const known = error instanceof RefusedError ? error.message : PROBLEMS[error.name];
    say(known || "This did not work. Check your connection and try again.", true);
    button.disabled = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});

if (!window.PublicKeyCredential) {
  button.disabled = true;
  say("This browser cannot use passkeys.", true);
} else {
  // disabled in the page: a click before this script is here would do nothing
  button.disabled = false;
  if (!adds) run();
}
