// What links and tables of our own HTML do in the browser. It is mounted on every page and listens
// once for the whole document, because the framework redraws parts of it at any time.
export default function ({ data, setTriggerValue }) {
  // what the server told last: pages and actions of the user's role
  const shell = { ...data, tell: (name) => setTriggerValue("action", name) };
  window.donorcrmShell = shell;
  const leave = () => { if (window.donorcrmShell === shell) window.donorcrmShell = null; };
  if (window.donorcrmListens) return leave;
  window.donorcrmListens = true;

  // go to a page of ours without loading everything again
  const goTo = (address) => {
    history.pushState({}, "", address);
    dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
  };
  listenForCommands(() => window.donorcrmShell, goTo, followNavigation());

  const changed = (event) => event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;

  // a link with Ctrl, Cmd or Shift opens a tab or a window: the framework would stay in this one
  document.addEventListener("click", (event) => {
    if (changed(event) && event.target.closest?.("a[href]")) event.stopPropagation();
  }, true);

  // a link to a page of ours
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-page]");
    if (!link || event.defaultPrevented || event.button !== 0 || changed(event)) return;
    event.preventDefault();
    goTo(link.href);
  });

  // an open menu closes with a click elsewhere and with Escape
  const close = (kept) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== kept) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => {
    const menu = event.target.closest?.("details.menu");
    close(event.target.closest?.("[data-press]") ? null : menu);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(null);
  });

  // a heading sorts the rows below it, first up and then down; empty cells stay last
  document.addEventListener("click", (event) => {
    const heading = event.target.closest?.("button[data-column]");
    if (!heading) return;
    const column = Number(heading.dataset.column);
    const cell = heading.closest("th");
    const down = cell.getAttribute("aria-sort") === "ascending";
    for (const other of cell.parentElement.children) other.removeAttribute("aria-sort");
    cell.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = heading.closest("table").tBodies[0];
    const key = (row) => {
      const { dataset, textContent } = row.cells[column];
      return dataset.sort === undefined ? textContent : Number(dataset.sort);
    };
    const compare = (one, other) =>
      typeof one === "number" && typeof other === "number"
        ? one - other
        : String(one).localeCompare(String(other), document.documentElement.lang || undefined);
    const rows = [...body.rows].map((row) => [key(row), row]);
    rows.sort(([one], [other]) => {
      if (one === "" || other === "") return (one === "") - (other === "");
      return (down ? -1 : 1) * compare(one, other);
    });
    body.append(...rows.map(([, row]) => row));
  });
  return leave;
}
