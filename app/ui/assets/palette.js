// The command palette (Ctrl or Cmd and K) finds donors, pages and actions; single keys and pairs of
// keys lead to them from anywhere. `shell()` is what the server told: pages and actions of the role.
function listenForCommands(shell, goTo, closeMenu) {
  const PAIR = 1500, WAIT = 90;
  const mac = navigator.platform.startsWith("Mac");
  if (mac) document.documentElement.dataset.mac = "";
  const element = (kind, attributes, ...inside) => {
    const made = document.createElement(kind);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  };
  const icon = (name) => element("i", { class: "icon", "aria-hidden": "true" }, name);

  // an action presses the page's own button of that name, which knows the donor; elsewhere the
  // server asks whom it is about
  const act = (action) => {
    const buttons = document.querySelectorAll('[data-testid="stMain"] [data-testid="stButton"] button');
    const own = [...buttons].find((button) => button.innerText.trim().endsWith(action.title) && !button.disabled);
    if (own) own.click();
    else shell().tell(action.name);
  };
  const thank = () => {
    const named = (button) => ["Thank", "Thanked"].includes(button.textContent) && !button.disabled;
    const first = [...document.querySelectorAll("[data-press]")].find(named);
    if (first) first.click();
    else if (shell().thanks) goTo(shell().thanks);
  };

  // the palette: one field, and below it the options that the arrow keys choose
  const field = element("input", {
    type: "search", role: "combobox", "aria-expanded": "true", "aria-controls": "palette_options",
    "aria-autocomplete": "list", "aria-label": "Find a donor, a page or an action",
    placeholder: "Find a donor, a page or an action", autocomplete: "off", spellcheck: "false",
  });
  const list = element("ul", { id: "palette_options", role: "listbox", "aria-label": "Results" });
  const palette = element("dialog", { class: "palette", "aria-label": "Find" }, field, list);
  let options = [], chosen = 0, asked = null, timer = 0, shown = "";

  const choose = (at) => {
    chosen = Math.max(0, Math.min(at, options.length - 1));
    for (const [index, row] of [...list.querySelectorAll('[role="option"]')].entries()) {
      row.setAttribute("aria-selected", String(index === chosen));
      if (index === chosen) row.scrollIntoView({ block: "nearest" });
    }
    field.setAttribute("aria-activedescendant", `palette_${chosen}`);
  };
  const open = (option, elsewhere) => {
    if (option.address && elsewhere) { window.open(option.address, "_blank"); return; }
    palette.close();
    if (option.address) goTo(option.address);
    else act(option);
  };
  const row = (option, index) => {
    const line = element("li", { id: `palette_${index}`, role: "option" }, icon(option.icon), option.title);
    if (option.detail) line.append(element("small", {}, option.detail));
    if (option.keys) line.append(element("kbd", {}, option.keys));
    line.addEventListener("click", (event) => open(option, event.ctrlKey || event.metaKey));
    line.addEventListener("pointermove", () => { if (chosen !== index) choose(index); });
    return line;
  };
  const draw = (groups) => {
    options = groups.flatMap(([, members]) => members);
    let index = 0;
    list.replaceChildren(...groups.filter(([, members]) => members.length).map(([title, members]) =>
      element("li", { role: "presentation" }, element("b", {}, title), element("ul", { role: "group", "aria-label": title },
        ...members.map((option) => row(option, index++))))));
    if (!options.length) list.append(element("li", { role: "presentation", class: "none" }, "Nothing fits."));
    choose(0);
  };
  const fits = (words) => ({ title }) => {
    const parts = title.toLowerCase().split(/\s+/);
    return words.every((word) => parts.some((part) => part.startsWith(word)));
  };
  const show = (donors, text) => {
    shown = text;
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = donors.map((donor) => ({
      icon: "person", title: donor.name, detail: donor.detail, address: `/donor?id=${donor.id}` }));
    const all = words.length ? [{ icon: "search", title: `All donors with “${text}”`,
      address: `/donors?query=${encodeURIComponent(text)}` }] : [];
    draw([
      [words.length ? "Donors" : "Opened lately", [...found, ...all]],
      ["Do", shell().actions.filter(fits(words))],
      ["Go to", shell().places.filter(fits(words))],
    ]);
  };
  const ask = async (text) => {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(`/api/v1/find?query=${encodeURIComponent(text)}`, { signal: asked.signal });
      if (!answer.ok) throw new Error(await answer.text());
      show((await answer.json()).donors, text);
    } catch (error) {
      if (error.name === "AbortError") return;
      show([], text);
      list.prepend(element("li", { role: "presentation", class: "none" },
        "Donors could not be searched. Reload the page and try again."));
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask(field.value.trim()), WAIT);
  });
  field.addEventListener("keydown", async (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) { event.preventDefault(); choose(chosen + move); }
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    // whoever types and presses Enter at once means what was typed
    if (field.value.trim() !== shown) { clearTimeout(timer); await ask(field.value.trim()); }
    if (options[chosen]) open(options[chosen], event.ctrlKey || event.metaKey);
  });
  palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
  const find = () => {
    if (palette.open || !shell()) return;
    closeMenu();
    field.value = "";
    if (!palette.isConnected) document.body.append(palette);
    palette.showModal();
    show([], "");
    ask("");
  };

  // the list of keys
  const help = element("dialog", { class: "palette keys", "aria-label": "Keys" });
  const showKeys = () => {
    if (help.open) return;
    const line = ([keys, what]) => element("div", {}, element("dt", {}, element("kbd", {}, keys)), element("dd", {}, what));
    const keys = [
      [mac ? "⌘ K" : "Ctrl K", "Find a donor, a page or an action"], ["/", "The same"], ["t", "Thank for the first gift of the list"],
      ...shell().actions.map((action) => [action.keys, action.title]),
      ...shell().places.filter((place) => place.keys).map((place) => [place.keys, place.title]),
      ["?", "This list"],
    ];
    const close = element("button", { type: "button", "aria-label": "Close" }, "Close");
    close.addEventListener("click", () => help.close());
    help.replaceChildren(element("h2", {}, "Keys"), element("dl", {}, ...keys.map(line)), close);
    if (!help.isConnected) document.body.append(help);
    help.showModal();
  };
  help.addEventListener("click", (event) => { if (event.target === help) help.close(); });

  // keys count outside of fields and dialogs only
  let first = "", since = 0;
  const typing = (target) =>
    target.closest?.('input, textarea, select, [contenteditable=""], [contenteditable="true"], [role="combobox"]');
  const busy = () => document.querySelector('dialog[open], [data-testid="stDialog"], [role="dialog"]');
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      if (busy() && !palette.open) return;
      event.preventDefault();
      event.stopPropagation();
      find();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !shell() || typing(event.target) || busy()) return;
    const pair = event.timeStamp - since < PAIR ? `${first} ${event.key}` : "";
    first = event.key;
    since = event.timeStamp;
    const place = shell().places.find(({ keys }) => keys && keys === pair);
    const action = shell().actions.find(({ keys }) => keys === pair);
    const deed = place ? () => goTo(place.address) : action ? () => act(action)
      : { "/": find, "?": showKeys, t: pair === "g t" || pair === "n t" ? null : thank }[event.key];
    if (!deed) return;
    first = "";
    event.preventDefault();
    event.stopPropagation();
    deed();
  }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-shell]");
    if (button?.dataset.shell === "find") find();
    if (button?.dataset.shell === "menu") {
      document.querySelector('[data-testid="stExpandSidebarButton"]')?.click();
    }
  });
}
